import com.hazelcast.client.HazelcastClient;
import com.hazelcast.client.HazelcastClientNotActiveException;
import com.hazelcast.client.HazelcastClientOfflineException;
import com.hazelcast.client.config.ClientConfig;
import com.hazelcast.client.config.ClientFailoverConfig;
import com.hazelcast.client.config.ConnectionRetryConfig;
import com.hazelcast.core.HazelcastInstance;
import com.hazelcast.map.IMap;
import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;

/**
 * The write loop of the tutorial "How To Create a Failover Client" on the Java client, with a value of its own for each
 * put. It writes until its standard input ends, and tells of its puts on standard output as peer.go expects.
 *
 * Arguments: "tutorial" or "tuned", then a name and an address for each cluster, in order of preference.
 */
public class Peer {
    private static final int KEYS = 100_000;

    private static volatile int begun;
    private static volatile int ended;

    public static void main(String[] args) {
        ClientFailoverConfig failover = new ClientFailoverConfig();
        for (int i = 1; i < args.length; i += 2) {
            failover.addClientConfig(client(args[0], args[i], args[i + 1]));
        }
        Thread watcher = new Thread(Peer::endWithInput);
        watcher.setDaemon(true);
        watcher.start();
        HazelcastInstance client = HazelcastClient.newHazelcastFailoverClient(failover);
        write(client.getMap("map"));
    }

    private static ClientConfig client(String settings, String name, String address) {
        ClientConfig config = new ClientConfig();
        config.setClusterName(name);
        config.getNetworkConfig().addAddress(address);
        ConnectionRetryConfig retry = config.getConnectionStrategyConfig().getConnectionRetryConfig();
        if (settings.equals("tuned")) {
            retry.setClusterConnectTimeoutMillis(1).setInitialBackoffMillis(10);
        } else {
            retry.setClusterConnectTimeoutMillis(10000);
        }
        return config;
    }

    @SuppressWarnings("NonAtomicOperationOnVolatileField") // only this thread writes them
    private static void write(IMap<String, String> map) {
        ThreadLocalRandom random = ThreadLocalRandom.current();
        for (int round = 1; ; round++) {
            begun++;
            try {
                map.put("key-" + random.nextInt(KEYS), "value-" + begun);
            } catch (RuntimeException e) {
                boolean sent = !(e instanceof HazelcastClientOfflineException || e instanceof HazelcastClientNotActiveException);
                System.out.println("failed " + begun + " " + (sent ? "unknown" : "unsent") + " " + e.getClass().getSimpleName());
            }
            ended++;
            try {
                map.get("key-" + random.nextInt(KEYS));
                if (round % 10 == 0) {
                    map.size();
                }
            } catch (RuntimeException e) {
                // reads are not judged; the loop goes on, as the tutorial's does
            }
        }
    }

    /** Ends the program, in whatever call it is, when its standard input does. */
    private static void endWithInput() {
        try {
            while (System.in.read() >= 0) {
            }
        } catch (IOException e) {
            // the end as well
        }
        System.out.println("ended " + begun + " " + ended);
        System.out.flush();
        Runtime.getRuntime().halt(0);
    }
}
