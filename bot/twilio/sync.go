package twilio

import (
	"context"
	"fmt"

	content "github.com/twilio/twilio-go/rest/content/v1"
)

// Resource is a Content resource that exists at Twilio.
type Resource struct{ Name, Hash, SID string }

// Resources remembers the Content resources of an account, in Postgres.
type Resources struct {
	Load func(ctx context.Context, account string) ([]Resource, error)
	Save func(ctx context.Context, account string, resource Resource) error
}

// Synced is what Sync did.
type Synced struct{ Known, Found, Made int }

// Recall reads which Content resources exist, so that replies can use them. It calls nobody but the database. missing is how
// many of those that the renderer can ask for do not exist yet; until Sync has made them their replies are numbered text.
func (w *WhatsApp) Recall(ctx context.Context) (missing int, err error) {
	wanted, err := definitions(w.account.config.PublicURL, w.config.ListButtons)
	if err != nil {
		return 0, err
	}
	stored, err := w.stored(ctx)
	if err != nil {
		return 0, err
	}
	sids := map[string]string{}
	for _, d := range wanted {
		if have, ok := stored[d.name]; ok && have.Hash == d.hash {
			sids[d.name] = have.SID
		} else {
			missing++
		}
	}
	w.sids.Store(&sids)
	return missing, nil
}

// Sync makes the Content resources that are missing, one call each, and remembers their SIDs as it goes: interrupted, it goes on
// where it was. A resource that the account has under the same name and hash is taken over. done is told of each one, if not nil.
func (w *WhatsApp) Sync(ctx context.Context, done func(name string, left int)) (Synced, error) {
	var synced Synced
	missing, err := w.Recall(ctx)
	if err != nil {
		return synced, err
	}
	wanted, err := definitions(w.account.config.PublicURL, w.config.ListButtons)
	if err != nil {
		return synced, err
	}
	synced.Known = len(wanted) - missing
	if missing == 0 {
		return synced, nil
	}
	atTwilio, err := w.listed(ctx)
	if err != nil {
		return synced, err
	}
	known := *w.sids.Load()
	for _, d := range wanted {
		if known[d.name] != "" {
			continue
		}
		sid := atTwilio[d.friendly()]
		if sid != "" {
			synced.Found++
		} else {
			if sid, err = w.create(ctx, d); err != nil {
				return synced, err
			}
			synced.Made++
		}
		if err := w.resources.Save(ctx, w.account.config.AccountSID, Resource{d.name, d.hash, sid}); err != nil {
			return synced, fmt.Errorf("remember Content resource %s: %w", d.name, err)
		}
		if missing--; done != nil {
			done(d.name, missing)
		}
	}
	_, err = w.Recall(ctx)
	return synced, err
}

func (w *WhatsApp) stored(ctx context.Context) (map[string]Resource, error) {
	all, err := w.resources.Load(ctx, w.account.config.AccountSID)
	if err != nil {
		return nil, fmt.Errorf("load the Content resources: %w", err)
	}
	byName := make(map[string]Resource, len(all))
	for _, resource := range all {
		byName[resource.Name] = resource
	}
	return byName, nil
}

// listed maps the friendly names of the account's Content resources to their SIDs. The library's own listing reads page after
// page behind a channel that outlives an error, so the pages are turned here.
func (w *WhatsApp) listed(ctx context.Context) (map[string]string, error) {
	sids := map[string]string{}
	made, api, cancel := w.account.contents(ctx)
	defer cancel()
	params := (&content.ListContentParams{}).SetPageSize(500)
	at, more := page{}, true
	for turned := 0; more && turned < maxPages; turned++ {
		list, err := api.PageContent(params, at.token, at.number)
		if err != nil {
			return nil, w.account.sendError(made, fmt.Errorf("list the Content resources: %w", err))
		}
		for _, resource := range list.Contents {
			sids[value(resource.FriendlyName)] = value(resource.Sid)
		}
		at, more = nextPage(list.Meta.NextPageUrl)
	}
	return sids, nil
}

func (w *WhatsApp) create(ctx context.Context, d definition) (sid string, err error) {
	made, api, cancel := w.account.contents(ctx)
	defer cancel()
	resource, err := api.CreateContent((&content.CreateContentParams{}).SetContentCreateRequest(d.request))
	if err != nil {
		return "", w.account.sendError(made, fmt.Errorf("make the Content resource %s: %w", d.name, err))
	}
	if value(resource.Sid) == "" {
		return "", fmt.Errorf("make the Content resource %s: the answer names no SID", d.name)
	}
	return *resource.Sid, nil
}
