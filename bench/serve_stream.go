package main

import (
	"crypto/tls"
	"fmt"
	"io"
	"net"
)

// serveStream takes all that comes after a first byte of 'u', and sends without end after any other.
func serveStream(s serving) error {
	for {
		conn, err := s.listener.Accept()
		if err != nil {
			return err
		}
		go stream(conn)
	}
}

func stream(conn net.Conn) {
	defer conn.Close()
	direction := make([]byte, 1)
	if _, err := io.ReadFull(conn, direction); err != nil {
		return
	}
	block := make([]byte, 256<<10)
	move := conn.Write
	if direction[0] == 'u' {
		move = conn.Read
	}
	for {
		if _, err := move(block); err != nil {
			return // the other side has enough
		}
	}
}

// serveMute takes all that comes and never answers.
func serveMute(s serving) error {
	listener := s.listener
	if s.cert != "" {
		certificate, err := tls.LoadX509KeyPair(s.cert, s.key)
		if err != nil {
			return fmt.Errorf("certificate: %w", err)
		}
		listener = tls.NewListener(listener, &tls.Config{Certificates: []tls.Certificate{certificate}})
	}
	for {
		conn, err := listener.Accept()
		if err != nil {
			return err
		}
		go io.Copy(io.Discard, conn)
	}
}
