package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"math/big"
	"net"
	"syscall"
	"time"
)

// tlsFront listens on this machine, ends TLS there and passes the bytes on to and from `to`; the address comes back.
func tlsFront(to string) (string, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return "", err
	}
	template := &x509.Certificate{SerialNumber: big.NewInt(1), NotAfter: time.Now().Add(time.Hour)}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return "", err
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	with := &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{certificate}, PrivateKey: key}}}
	go func() {
		for {
			connection, err := listener.Accept()
			if err != nil {
				return
			}
			go pass(connection, with, to)
		}
	}()
	return listener.Addr().String(), nil
}

func pass(connection net.Conn, with *tls.Config, to string) {
	behind, err := net.Dial("tcp", to)
	if err != nil {
		connection.Close()
		return
	}
	secured := tls.Server(connection, with)
	go func() {
		_, _ = io.Copy(behind, secured)
		behind.Close()
	}()
	_, err = io.Copy(secured, behind)
	if errors.Is(err, syscall.ECONNRESET) {
		// A reset of the server is a reset to the client, too.
		_ = connection.(*net.TCPConn).SetLinger(0)
		connection.Close()
	}
	secured.Close()
}
