package analysis

// Bound is how much of something the page of a report shows at most.
type Bound struct {
	Name string
	Most int
}

// Bounds are all of them, for the tests outside.
func Bounds() []Bound {
	return []Bound{
		{"steps over time", mostSteps}, {"rules", mostLanes}, {"hosts", mostHosts}, {"attempts with a column of gaps", mostPlacesShown}, {"gaps in a column", mostAtPlace},
		{"deliveries drawn", mostStrips}, {"attempts of a delivery", mostMarks}, {"steps of a sparkline", trendSteps},
	}
}
