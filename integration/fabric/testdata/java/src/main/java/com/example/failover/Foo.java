package com.example.failover;

import javax.jws.WebMethod;
import javax.jws.WebParam;
import javax.jws.WebService;

/** The service of the documented example, reduced to one operation: document/literal, wrapped. */
@WebService(name = "Foo", targetNamespace = "http://failover.example.com/")
public interface Foo {
    @WebMethod
    String call(@WebParam(name = "arg0") String id);
}
