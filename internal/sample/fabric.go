package sample

import _ "embed"

// FabricXML is a Blueprint file of a client with the failover feature of Fuse
// Fabric, under the path that the feature's documentation uses.
//
//go:embed fabric.xml
var FabricXML []byte
