//go:build race

package golden

func init() { raceDetector = true }
