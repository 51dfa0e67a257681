package scenario

import (
	"slices"
	"strings"
)

// hostIndex tells, from the host of an attempt, which rules may match it: a superset, so that only these are looked at. A rule is its place in the file.
type hostIndex struct {
	all      []int
	anywhere []int            // rules without a host, or with a glob that is none of those below
	at       map[string][]int // by host: hooks.example.com; by what follows the star: .partner.test
}

func indexHosts(rules []Rule) hostIndex {
	x := hostIndex{at: make(map[string][]int)}
	for place := range rules {
		x.all = append(x.all, place)
		keys, named := hostKeys(rules[place].Match.Host)
		if !named {
			x.anywhere = append(x.anywhere, place)
			continue
		}
		for _, key := range keys {
			x.at[key] = append(x.at[key], place)
		}
	}
	return x
}

// hostKeys are what globs of hosts are found by; named is false when one of them is not.
func hostKeys(globs []string) (keys []string, named bool) {
	for _, glob := range withoutPorts(globs) {
		key := strings.TrimPrefix(glob, "*")
		if isGlob(key) || strings.ContainsAny(key, "[]:") || key != glob && !strings.HasPrefix(key, ".") {
			return nil, false
		}
		if !slices.Contains(keys, key) {
			keys = append(keys, key)
		}
	}
	return keys, len(globs) > 0
}

// mayMatch are the rules that may match an attempt, by its host, in their order; all of them where the scenario explains itself.
func (s *Scenario) mayMatch(subj *Subject) places {
	x, p := &s.hosts, places{}
	if s.tells() {
		p.add(x.all)
		return p
	}
	p.add(x.anywhere)
	host := bareHost(subj)
	p.add(x.at[host])
	for at := range len(host) {
		if host[at] == '.' {
			p.add(x.at[host[at:]])
		}
	}
	return p
}

// places are those in several lists, in their order, each once. A decision has one for each moment, so it allocates nothing.
type places struct {
	place int // after next
	lists [4][]int
	more  [][]int // what does not fit: a rule for each of several domains above one another
}

func (p *places) add(list []int) {
	if len(list) == 0 {
		return
	}
	for i := range p.lists {
		if len(p.lists[i]) == 0 {
			p.lists[i] = list
			return
		}
	}
	p.more = append(p.more, list)
}

// next goes on to the next place. False: there is none.
func (p *places) next() bool {
	least := -1
	for _, lists := range [...][][]int{p.lists[:], p.more} {
		for _, list := range lists {
			if len(list) > 0 && (least < 0 || list[0] < least) {
				least = list[0]
			}
		}
	}
	for _, lists := range [...][][]int{p.lists[:], p.more} {
		for i, list := range lists {
			if len(list) > 0 && list[0] == least {
				lists[i] = list[1:]
			}
		}
	}
	p.place = least
	return least >= 0
}
