package com.example.failover;

import io.fabric8.cxf.FabricFailOverFeature;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import javax.jws.WebService;
import javax.xml.namespace.QName;
import javax.xml.soap.SOAPException;
import javax.xml.soap.SOAPFactory;
import javax.xml.ws.Endpoint;
import javax.xml.ws.soap.SOAPFaultException;
import org.apache.cxf.Bus;
import org.apache.cxf.BusFactory;

/**
 * Serves Foo at ADDRESS and writes each id that it has applied into the file LEDGER.
 * With ZOOKEEPER and PATH it is a Fabric server: the feature on its bus registers the address there.
 */
public final class Server {
    public static void main(String[] args) throws Exception {
        if (args.length != 2 && args.length != 4) {
            System.err.println("usage: Server ADDRESS LEDGER [ZOOKEEPER PATH]");
            System.exit(2);
        }
        Bus bus = BusFactory.getDefaultBus();
        if (args.length == 4) {
            FabricFailOverFeature feature = new FabricFailOverFeature();
            feature.setZooKeeperUrl(args[2]);
            feature.setFabricPath(args[3]);
            feature.initialize(bus);
        }
        Endpoint.publish(args[0], new FooService(args[0], Path.of(args[1])));
        System.out.println("serving " + args[0]);
        Thread.currentThread().join();
    }

    @WebService(endpointInterface = "com.example.failover.Foo", targetNamespace = "http://failover.example.com/",
            serviceName = "FooService", portName = "FooPort")
    public static final class FooService implements Foo {
        private final String address;
        private final Path ledger;

        FooService(String address, Path ledger) {
            this.address = address;
            this.ledger = ledger;
        }

        /** Answers with the id and this server's address, or with a fault where the id asks for one. */
        @Override
        public String call(String id) {
            if (id.startsWith("fault-")) {
                throw fault("asked to fail: " + id);
            }
            try {
                Files.write(ledger, (id + "\n").getBytes(StandardCharsets.UTF_8),
                        StandardOpenOption.CREATE, StandardOpenOption.APPEND);
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            return id + " from " + address;
        }

        private static SOAPFaultException fault(String text) {
            try {
                QName code = new QName("http://failover.example.com/", "Asked");
                return new SOAPFaultException(SOAPFactory.newInstance().createFault(text, code));
            } catch (SOAPException e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
