package web

import (
	"net/http"
	"sync"
	"time"
)

// slowly gives a request photoTime to be sent and answered, in place of readTime and
// writeTime: a photo on a slow connection takes its time. It is for whoever is known
// already. What it returns must be called before the request ends.
func (a *ask) slowly() (stop func()) {
	connection := http.NewResponseController(a.w)
	if connection.SetReadDeadline(time.Time{}) != nil || connection.SetWriteDeadline(time.Time{}) != nil {
		return func() {} // it has none
	}
	var mu sync.Mutex // guards ended: a connection must not be touched afterwards
	ended := false
	timer := time.AfterFunc(photoTime, func() {
		mu.Lock()
		defer mu.Unlock()
		if !ended {
			_ = connection.SetReadDeadline(longAgo) // it could once, and what is over needs none
			_ = connection.SetWriteDeadline(longAgo)
		}
	})
	return func() {
		mu.Lock()
		defer mu.Unlock()
		ended = true
		timer.Stop()
	}
}

// longAgo ends what waits at once.
var longAgo = time.Unix(1, 0)
