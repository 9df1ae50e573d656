package chart_test

import (
	"bytes"
	"image"
	"image/png"
	"math"
	"testing"

	"souk/catalog/chart"
	"souk/catalog/drawing"
)

func drawn(t *testing.T, values []float64, rtl bool) image.Image {
	t.Helper()
	fonts, err := drawing.Load()
	if err != nil {
		t.Fatal(err)
	}
	var bars []chart.Bar
	for _, v := range values {
		bars = append(bars, chart.Bar{Value: v, Label: "الاثنين", Said: "1 240"})
	}
	data, err := chart.Draw(fonts, bars, rtl)
	if err != nil {
		t.Fatal(err)
	}
	m, err := png.Decode(bytes.NewReader(data))
	if err != nil || m.Bounds() != image.Rect(0, 0, chart.Width, chart.Height) || len(data) > 100_000 {
		t.Fatalf("%d bytes: %v", len(data), err)
	}
	return m
}

// heights are how many pixels of a bar's colour stand in the middle of each slot, from the left; the darker bar's are negative.
func heights(m image.Image, n int) (all []int) {
	for i := range n {
		x := 30 + (2*i+1)*(chart.Width-60)/(2*n)
		high := 0
		for y := range chart.Height {
			switch r, g, b, _ := m.At(x, y).RGBA(); {
			case r>>8 == 196 && g>>8 == 110 && b>>8 == 40:
				high++
			case r>>8 == 150 && g>>8 == 58 && b>>8 == 20:
				high--
			}
		}
		all = append(all, high)
	}
	return all
}

func TestBarsAreAsHighAsTheirFigures(t *testing.T) {
	t.Parallel()
	values := []float64{100, 0, 50, 400, 1, 200, 300}
	left, right := heights(drawn(t, values, false), 7), heights(drawn(t, values, true), 7)
	full := left[3]
	for i, v := range values {
		want := v / 400 * float64(full)
		if v == 1 {
			want = 4 // seen, however small
		}
		got := left[i]
		if i == 6 {
			got = -got // today's is darker
		}
		if math.Abs(float64(got)-want) > 3 {
			t.Errorf("%v stands %d pixels high, want %v", v, got, want)
		}
		if right[6-i] != left[i] {
			t.Errorf("from the right bar %d stands %d high, from the left %d", i, right[6-i], left[i])
		}
	}
}

func TestHowManyBars(t *testing.T) {
	t.Parallel()
	fonts, err := drawing.Load()
	if err != nil {
		t.Fatal(err)
	}
	for _, n := range []int{1, chart.MaxBars} {
		if got := heights(drawn(t, make([]float64, n), false), n); len(got) != n {
			t.Error(got)
		}
	}
	for _, bars := range [][]chart.Bar{nil, make([]chart.Bar, chart.MaxBars+1), {{Value: -1}}, {{Value: math.NaN()}}, {{Value: math.Inf(1)}}} {
		if _, err := chart.Draw(fonts, bars, false); err == nil {
			t.Errorf("%v was drawn", bars)
		}
	}
}
