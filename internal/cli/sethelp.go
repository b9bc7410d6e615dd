package cli

// setHelp explains --set.
const setHelp = `--set N.KEY=VALUE overrides one value that the bundle of cluster N gives, counted from 1 (the primary):
  name          name of the cluster
  discoveryURL  address at which the members are asked for, without a token
  addresses     addresses of the members instead: host:port,host:port
  serverName    name that the certificates of the members must hold
  entry         which cluster it is, counted from 1, where the bundle holds an ordered list
  alias         alias of the client's key, where the keystore holds several keys
  username      user that the client logs in as; its password is FAILOVER_N_PASSWORD
  tls           off: the cluster has no TLS, so that all traffic is plain text
Secrets are never given by a flag: they come from the bundle, from .env or from the environment.`
