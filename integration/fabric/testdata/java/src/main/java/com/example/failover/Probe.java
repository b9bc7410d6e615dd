package com.example.failover;

import io.fabric8.cxf.FabricFailOverFeature;
import javax.xml.ws.BindingProvider;
import org.apache.cxf.jaxws.JaxWsProxyFactoryBean;

/** Makes one call for each of some lists of two servers, with a proxy and a feature of its own, and prints a line a list. */
public final class Probe {
    public static void main(String[] args) throws Exception {
        if (args.length < 3 || args.length % 2 == 0) {
            System.err.println("usage: Probe ZOOKEEPER (PATH EXCEPTIONS)...");
            System.exit(2);
        }
        for (int i = 1; i < args.length; i += 2) {
            System.out.println(args[i] + " " + call(args[0], args[i], args[i + 1]));
        }
        System.out.println("done");
        System.exit(0); // the features' threads never end
    }

    private static String call(String zooKeeper, String path, String exceptions) throws Exception {
        FabricFailOverFeature feature = new FabricFailOverFeature();
        feature.setZooKeeperUrl(zooKeeper);
        feature.setFabricPath(path);
        feature.setWaitingForGroupEvent(0);
        if (!exceptions.isEmpty()) {
            feature.setExceptions(exceptions);
        }
        JaxWsProxyFactoryBean factory = new JaxWsProxyFactoryBean();
        factory.setServiceClass(Foo.class);
        factory.setAddress("http://dummyaddress");
        factory.getFeatures().add(feature);
        Foo foo = factory.create(Foo.class);
        while (feature.getLoadBalanceStrategy().getAlternateAddressList().size() < 2) {
            Thread.sleep(10);
        }
        ((BindingProvider) foo).getRequestContext().put("javax.xml.ws.client.receiveTimeout", 2000L);
        try {
            return "ok " + foo.call(path);
        } catch (RuntimeException e) {
            return "failed " + Client.chain(e);
        }
    }
}
