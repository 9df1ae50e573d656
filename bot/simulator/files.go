package simulator

import (
	"sync"
)

// file is a picture or a voice note that a provider keeps.
type file struct {
	id          string
	path        string // Telegram's file_path
	contentType string
	name        string
	data        []byte
	width       int
	height      int
	seconds     int
}

// fileStore keeps the newest files within a number of bytes.
type fileStore struct {
	mu    sync.Mutex
	limit int64
	used  int64
	order []string
	byID  map[string]*file
	paths map[string]*file
}

func newFileStore(limit int64) *fileStore {
	return &fileStore{limit: limit, byID: map[string]*file{}, paths: map[string]*file{}}
}

func (s *fileStore) add(f *file) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.byID[f.id] = f
	s.order = append(s.order, f.id)
	if f.path != "" {
		s.paths[f.path] = f
	}
	s.used += int64(len(f.data))
	for s.used > s.limit && len(s.order) > 1 {
		old := s.byID[s.order[0]]
		s.order = s.order[1:]
		delete(s.byID, old.id)
		delete(s.paths, old.path)
		s.used -= int64(len(old.data))
	}
}

func (s *fileStore) get(id string) *file {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.byID[id]
}

func (s *fileStore) at(path string) *file {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.paths[path]
}
