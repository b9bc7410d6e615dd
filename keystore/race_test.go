//go:build race

package keystore

func init() { raceDetector = true }
