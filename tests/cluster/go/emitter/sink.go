package main

import (
	"errors"
	"sync"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/client-go/tools/record"
)

// report is what one batch came to, as one line of JSON.
type report struct {
	Told     int    `json:"told"`
	Filtered int    `json:"filtered"`
	Created  int    `json:"created"`
	Patched  int    `json:"patched"`
	Missing  int    `json:"missing"`
	Refused  int    `json:"refused"`
	Lost     int    `json:"lost"`
	Name     string `json:"name"`
	UID      string `json:"uid"`
	Count    int32  `json:"count"`
}

// triesPerEvent is client-go's maxTriesPerEvent: after so many the recorder
// gives an Event up.
const triesPerEvent = 12

// countingSink counts what the recorder writes and says when a telling is
// settled: written, refused by the server for good, or given up.
type countingSink struct {
	inner   record.EventSink
	settled chan struct{}

	mu    sync.Mutex
	sum   report
	tries int
}

func (s *countingSink) Create(event *v1.Event) (*v1.Event, error) {
	written, err := s.inner.Create(event)
	s.note(written, err, &s.sum.Created)
	return written, err
}

func (s *countingSink) Update(event *v1.Event) (*v1.Event, error) {
	return s.inner.Update(event)
}

func (s *countingSink) Patch(event *v1.Event, data []byte) (*v1.Event, error) {
	written, err := s.inner.Patch(event, data)
	if apierrors.IsNotFound(err) {
		// The recorder goes on with a Create, which settles this telling.
		s.mu.Lock()
		s.sum.Missing++
		s.mu.Unlock()
		return written, err
	}
	s.note(written, err, &s.sum.Patched)
	return written, err
}

func (s *countingSink) note(written *v1.Event, err error, counter *int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	var refusal *apierrors.StatusError
	switch {
	case err == nil:
		*counter++
		s.sum.Name, s.sum.UID, s.sum.Count = written.Name, string(written.UID), written.Count
	case errors.As(err, &refusal):
		s.sum.Refused++
	default:
		if s.tries++; s.tries < triesPerEvent {
			return
		}
		s.sum.Lost++
	}
	s.tries = 0
	select {
	case s.settled <- struct{}{}:
	default:
	}
}

// report hands out the sums of a batch and starts new ones; name, uid and
// count stay those of the last Event written.
func (s *countingSink) report(told, filtered int) report {
	s.mu.Lock()
	defer s.mu.Unlock()
	batch := s.sum
	batch.Told, batch.Filtered = told, filtered
	s.sum = report{Name: batch.Name, UID: batch.UID, Count: batch.Count}
	return batch
}
