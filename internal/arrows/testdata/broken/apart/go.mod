module example.test/apart

go 1.26.0
