package listing

import "time"

// Change is what a one-line command does to the shop.
type Change string

// The changes that one line can ask for.
const (
	ChangePrice   Change = "price"
	ChangeStock   Change = "stock"
	ChangeDelta   Change = "delta"
	ChangeSoldOut Change = "sold_out"
	ChangePause   Change = "pause"
	ChangeResume  Change = "resume"
	ChangeArchive Change = "archive"
	ChangeAbsent  Change = "absent"
)

// ShopLine is one command about the own shop: "argan 250 +20", "miel rupture", "pause savon".
type ShopLine struct {
	// Product is what to look for among the own products, as typed ("argan 250"); empty for ChangeAbsent, and for ChangePause or
	// ChangeResume of the whole shop.
	Product string
	Change  Change
	// PriceCentimes is the new price of ChangePrice.
	PriceCentimes int64
	// Stock is the new stock of ChangeStock, or what ChangeDelta adds (negative: takes off), in packs.
	Stock int64
	// Until is the end of ChangeAbsent. Its zero value means that none was said.
	Until Until
}

// Until is a day as people say it: a weekday, a day of a month, or some days from now. The zero value is none.
type Until struct {
	Weekday time.Weekday // where HasWeekday
	Day     int          // of Month; 1 where only the month was said
	Month   time.Month   // 0: the next such Day
	Days    int          // from today

	HasWeekday bool
}

// On gives the first day after today that u means, at midnight of now's zone. It is the day of return: the absence ends as it
// begins. ok is false for the zero Until and a day that does not exist.
func (u Until) On(now time.Time) (day time.Time, ok bool) {
	today := time.Date(now.Year(), now.Month(), now.Day(), 0, 0, 0, 0, now.Location())
	switch {
	case u.Days > 0:
		return today.AddDate(0, 0, u.Days), true
	case u.HasWeekday:
		ahead := (int(u.Weekday) - int(today.Weekday()) + 7) % 7
		if ahead == 0 {
			ahead = 7
		}
		return today.AddDate(0, 0, ahead), true
	case u.Day > 0 && u.Month > 0:
		for year := today.Year(); year <= today.Year()+4; year++ { // 29 February
			d := time.Date(year, u.Month, u.Day, 0, 0, 0, 0, now.Location())
			if d.Day() == u.Day && d.After(today) {
				return d, true
			}
		}
	case u.Day > 0 && u.Day <= 31:
		for months := 0; months <= 2; months++ {
			d := time.Date(today.Year(), today.Month()+time.Month(months), u.Day, 0, 0, 0, 0, now.Location())
			if d.Day() == u.Day && d.After(today) {
				return d, true
			}
		}
	}
	return time.Time{}, false
}
