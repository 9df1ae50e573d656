// Package photos makes pictures that can be kept and shown out of whatever people send: it looks at what the bytes say before it
// decodes them, never uses more memory than it was given, honours the orientation that phones note beside the picture, and leaves
// everything else behind (places, dates, thumbnails, what hides behind the picture). What comes out are two JPEGs.
package photos
