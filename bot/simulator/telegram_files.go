package simulator

import (
	"bytes"
	"fmt"
	"image"
	_ "image/gif"
	_ "image/jpeg"
	_ "image/png"
	"net/http"
	"path"
	"strings"

	_ "golang.org/x/image/webp"
)

const (
	maxPhotoBytes    = 10 << 20
	maxDownloadBytes = 20 << 20
	maxSides         = 10_000
	maxRatio         = 20
)

// inputFile reads what a bot sends as a file: an upload, attach://name, the id of
// a file that is known, or an HTTP URL where the options fetch one.
func (s *Simulator) inputFile(r *http.Request, kind string, value any, attached map[string]upload) (*file, *apiError) {
	switch v := value.(type) {
	case upload:
		return s.keepUpload(kind, v)
	case string:
		if name, ok := strings.CutPrefix(v, "attach://"); ok {
			u, ok := attached[name]
			if !ok {
				return nil, badRequest("there is no file %q in the request", name)
			}
			return s.keepUpload(kind, u)
		}
		if strings.HasPrefix(v, "http://") || strings.HasPrefix(v, "https://") {
			if s.opt.Telegram.FetchURL == nil {
				return nil, badRequest("failed to get HTTP URL content")
			}
			data, err := s.opt.Telegram.FetchURL(r.Context(), v)
			if err != nil {
				return nil, badRequest("failed to get HTTP URL content: %s", err)
			}
			return s.keepUpload(kind, upload{name: path.Base(v), data: data})
		}
		if f := s.files.get(v); f != nil {
			return f, nil
		}
		return nil, badRequest("wrong file identifier/HTTP URL specified")
	}
	return nil, badRequest("there is no %s in the request", kind)
}

func (s *Simulator) keepUpload(kind string, u upload) (*file, *apiError) {
	if len(u.data) == 0 {
		return nil, badRequest("file must be non-empty")
	}
	f := &file{name: u.name, data: u.data, contentType: http.DetectContentType(u.data)}
	folder, ext := "voice", ".oga"
	if kind == "photo" {
		folder, ext = "photos", ".jpg"
		if len(u.data) > maxPhotoBytes {
			return nil, badRequest("PHOTO_SAVE_FILE_INVALID: a photo has at most 10 MB")
		}
		config, _, err := image.DecodeConfig(bytes.NewReader(u.data))
		if err != nil {
			return nil, badRequest("IMAGE_PROCESS_FAILED")
		}
		w, h := config.Width, config.Height
		if w+h > maxSides || w > h*maxRatio || h > w*maxRatio {
			return nil, badRequest("PHOTO_INVALID_DIMENSIONS")
		}
		f.width, f.height = w, h
	}
	s.nameFile(f, folder, ext)
	s.files.add(f)
	return f, nil
}

// nameFile gives a Telegram file its id and its path.
func (s *Simulator) nameFile(f *file, folder, ext string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.telegram.files++
	f.id = fmt.Sprintf("AgACAgQAAxkBAAI%08x%06x", uint32(s.opt.Seed), s.telegram.files)
	f.path = fmt.Sprintf("%s/file_%d%s", folder, s.telegram.files, ext)
}

func (s *Simulator) getFile(_ *http.Request, p tgParams) (any, *apiError) {
	f := s.files.get(p.str("file_id"))
	if f == nil || f.path == "" {
		return nil, badRequest("wrong file_id or the file is temporarily unavailable")
	}
	if len(f.data) > maxDownloadBytes {
		return nil, allowedError(http.StatusBadRequest, "Bad Request: file is too big")
	}
	return map[string]any{"file_id": f.id, "file_unique_id": uniqueID(f), "file_size": len(f.data), "file_path": f.path}, nil
}

func uniqueID(f *file) string { return "u" + f.id[len(f.id)-14:] }

// telegramFile serves /file/bot<TOKEN>/<path>.
func (s *Simulator) telegramFile(w http.ResponseWriter, r *http.Request, rest string) {
	token, name, _ := strings.Cut(rest, "/")
	if !s.telegramToken(token) {
		s.complain("telegram", "file", "wrong token")
		writeTelegram(w, nil, &apiError{code: http.StatusUnauthorized, description: "Unauthorized"})
		return
	}
	if fault := s.strike("telegram", "file", "", apiFaults()...); fault != nil {
		if s.telegramRefuses(w, fault) {
			return
		}
		answerLate(r, fault)
	}
	f := s.files.at(name)
	if f == nil {
		writeTelegram(w, nil, &apiError{code: http.StatusNotFound, description: "Not Found"})
		return
	}
	w.Header().Set("Content-Type", "application/octet-stream")
	_, _ = w.Write(f.data) // the client may have gone
}

// mediaPath is where the phones' page finds a file.
func mediaPath(f *file) string { return "/simulator/media/" + f.id }
