package twilio

import "net/url"

// maxPages bounds how far any list is read.
const maxPages = 200

// page names one page of a list; the zero one is the first.
type page struct{ token, number string }

// nextPage reads where a list goes on; ok is false at its end.
func nextPage(address *string) (next page, ok bool) {
	if value(address) == "" {
		return page{}, false
	}
	parsed, err := url.Parse(*address)
	if err != nil {
		return page{}, false
	}
	query := parsed.Query()
	next = page{query.Get("PageToken"), query.Get("Page")}
	return next, next != page{}
}
