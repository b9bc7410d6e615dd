//go:build race

package storefile

func init() { raceDetector = true }
