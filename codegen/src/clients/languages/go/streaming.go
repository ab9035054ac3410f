package PACKAGE

import (
	"context"
	"io"
	"net/http"
)

// Streaming is a transport that can hand over an answer while it arrives. Put it into the client:
//
//	configuration.HTTPClient = &http.Client{Transport: Streaming{}}
//
// and call an operation with a context of ReadWith. All other calls go through it unchanged.
type Streaming struct {
	// Transport does the work; http.DefaultTransport where it is nil.
	Transport http.RoundTripper
}

type readerKey struct{}

// ReadWith makes a context for one call whose successful answer goes to read as it arrives. Returning from read ends
// the request; its error is the call's. The operation itself then returns nothing.
func ReadWith(ctx context.Context, read func(io.Reader) error) context.Context {
	return context.WithValue(ctx, readerKey{}, read)
}

// RoundTrip implements http.RoundTripper.
func (s Streaming) RoundTrip(request *http.Request) (*http.Response, error) {
	transport := s.Transport
	if transport == nil {
		transport = http.DefaultTransport
	}
	response, err := transport.RoundTrip(request)
	read, wanted := request.Context().Value(readerKey{}).(func(io.Reader) error)
	if err != nil || !wanted || response.StatusCode >= 300 {
		return response, err
	}
	defer response.Body.Close()
	if err := read(response.Body); err != nil {
		return nil, err
	}
	answered := *response
	answered.Body = http.NoBody
	return &answered, nil
}
