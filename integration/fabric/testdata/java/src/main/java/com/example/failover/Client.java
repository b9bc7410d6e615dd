package com.example.failover;

import io.fabric8.cxf.FabricFailOverFeature;
import org.apache.cxf.jaxws.JaxWsProxyFactoryBean;

/**
 * A Fabric client: a JAX-WS proxy with the feature, which looks the addresses up below PATH. It calls Foo again and again and
 * prints a line a call: number, milliseconds, "ok" with the answer, or "failed" with the exceptions.
 */
public final class Client {
    public static void main(String[] args) throws Exception {
        if (args.length < 4) {
            System.err.println("usage: Client ZOOKEEPER PATH ID-PREFIX MILLISECONDS [EXCEPTIONS]");
            System.exit(2);
        }
        FabricFailOverFeature feature = new FabricFailOverFeature();
        feature.setZooKeeperUrl(args[0]);
        feature.setFabricPath(args[1]);
        if (args.length > 4) {
            feature.setExceptions(args[4]);
        }
        JaxWsProxyFactoryBean factory = new JaxWsProxyFactoryBean();
        factory.setServiceClass(Foo.class);
        factory.setAddress("http://dummyaddress");
        factory.getFeatures().add(feature);
        Foo foo = factory.create(Foo.class);
        long pause = Long.parseLong(args[3]);
        for (int i = 1;; i++) {
            long start = System.nanoTime();
            String result;
            try {
                result = "ok " + foo.call(args[2] + i);
            } catch (RuntimeException e) {
                result = "failed " + chain(e);
            }
            System.out.println(i + " " + (System.nanoTime() - start) / 1_000_000 + " " + result);
            Thread.sleep(pause);
        }
    }

    /** An exception and its causes on one line. */
    static String chain(Throwable e) {
        StringBuilder text = new StringBuilder();
        for (; e != null; e = e.getCause()) {
            text.append(text.length() == 0 ? "" : " <- ").append(e.getClass().getName()).append(": ").append(e.getMessage());
        }
        return text.toString().replace('\n', ' ');
    }
}
