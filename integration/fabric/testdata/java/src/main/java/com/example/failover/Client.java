package com.example.failover;

import io.fabric8.cxf.FabricFailOverFeature;
import org.apache.cxf.interceptor.Fault;
import org.apache.cxf.jaxws.JaxWsProxyFactoryBean;
import org.apache.cxf.message.Message;
import org.apache.cxf.phase.AbstractPhaseInterceptor;
import org.apache.cxf.phase.Phase;

/**
 * A Fabric client: a JAX-WS proxy with the feature, which looks the addresses up below PATH. It calls Foo again and again and
 * prints a line a call: number, milliseconds, "ok" with the address that answered, or "failed" with the exceptions.
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
        Answering answering = new Answering();
        factory.getInInterceptors().add(answering);
        Foo foo = factory.create(Foo.class);
        long pause = Long.parseLong(args[3]);
        for (int i = 1;; i++) {
            long start = System.nanoTime();
            String result;
            try {
                foo.call(args[2] + i);
                result = "ok " + answering.address;
            } catch (RuntimeException e) {
                result = "failed " + chain(e);
            }
            System.out.println(i + " " + (System.nanoTime() - start) / 1_000_000 + " " + result);
            Thread.sleep(pause);
        }
    }

    /** An exception and its causes on one line. */
    private static String chain(Throwable e) {
        StringBuilder text = new StringBuilder();
        for (; e != null; e = e.getCause()) {
            text.append(text.length() == 0 ? "" : " <- ").append(e.getClass().getName()).append(": ").append(e.getMessage());
        }
        return text.toString().replace('\n', ' ');
    }

    /** Notes which address the answer came from. */
    private static final class Answering extends AbstractPhaseInterceptor<Message> {
        volatile String address;

        Answering() {
            super(Phase.RECEIVE);
        }

        @Override
        public void handleMessage(Message message) throws Fault {
            address = (String) message.getExchange().getOutMessage().get(Message.ENDPOINT_ADDRESS);
        }
    }
}
