package analysis

// sender is one that the log shows, or one of several policies of one.
type sender struct {
	name      string // "": the log shows one alone
	inference inference
	policy    *Policy
	signs     signs
	settling  settling
}

// prefix begins what is said of the sender, where there are others.
func (s *sender) prefix() string {
	if s.name == "" {
		return ""
	}
	return s.name + ": "
}

// senders are those of a log.
type senders struct {
	all   []*sender
	split *split // nil: one alone
}

// of is the sender of a delivery.
func (s *senders) of(c *course) *sender {
	if s.split == nil {
		return s.all[0]
	}
	return s.all[s.split.of(c)]
}

// newSenders are those that specimens show.
func newSenders(shown *specimens) *senders {
	s := &senders{split: shown.split()}
	if s.split == nil {
		s.all = []*sender{{}}
		return s
	}
	for i := range s.split.groups {
		s.all = append(s.all, &sender{name: s.split.name(i)})
	}
	return s
}

// conclude gives each its policy, as far as the gaps tell it, and what that says of when its deliveries are settled.
func (s *senders) conclude(q Question, shown *specimens) {
	of := make([][]*specimen, len(s.all))
	for i := range shown.all {
		who := 0
		if s.split != nil {
			who = s.split.number[shown.all[i].values[s.split.by]]
		}
		of[who] = append(of[who], &shown.all[i])
	}
	for i, one := range s.all {
		one.policy = one.inference.waits()
		one.settling = settlingOf(q, seconds(one.inference.longestWait(one.policy)))
		if one.policy.waits != nil && one.policy.waits.share < 1 && mixed(of[i]) {
			one.policy.forgetWaits()
			one.policy.Mixed = true
		}
	}
}

// finish adds what the states of the deliveries tell.
func (s *senders) finish() {
	for _, one := range s.all {
		one.inference.finish(one.policy)
	}
}

// defects are those of each, and those that are nobody's.
func (s *senders) defects(c *context, t *tally) []Defect {
	found := []Defect{}
	for _, one := range s.all {
		for _, d := range one.signs.find(one.policy) {
			d.Sender = one.name
			found = append(found, d)
		}
	}
	return append(found, ofTheLog(c, t)...)
}

// policies are those of each, by name; nil for one alone.
func (s *senders) policies() []SenderPolicy {
	if s.split == nil {
		return nil
	}
	var all []SenderPolicy
	for _, one := range s.all {
		all = append(all, SenderPolicy{one.name, *one.policy})
	}
	return all
}

// policy is what the policies of all have in common.
func (s *senders) policy() Policy {
	common := *s.all[0].policy
	for _, one := range s.all[1:] {
		common.meet(one.policy)
	}
	return common
}
