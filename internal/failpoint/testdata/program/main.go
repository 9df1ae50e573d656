// Command program passes two fail points five times and says so.
package main

import (
	"fmt"

	"souk/internal/failpoint"
)

func main() {
	defer fmt.Println("deferred")
	for range 5 {
		failpoint.Hit("other")
		failpoint.Hit("inbox.committed")
		fmt.Print("passed ")
	}
}
