// What a user of the Go client does, against the server at the address in the first argument.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"os"
	"strings"

	"boathouse/altertable"
)

const (
	table = "numbers_go"
	// Each number below rows times each: as many rows as numbers below rows², every one of which is there once.
	rows = 600
	all  = rows * rows
	// Nobody waits for the end of this answer, which is about 13 terabytes.
	endless = "SELECT * FROM generate_series(1, 1000000000000)"
	enough  = 100_000
)

func signIn(name, password string) context.Context {
	credentials := altertable.BasicAuth{UserName: name, Password: password}
	return context.WithValue(context.Background(), altertable.ContextBasicAuth, credentials)
}

func upload(client *altertable.APIClient, ctx context.Context) error {
	file, err := os.CreateTemp("", "numbers")
	check(err == nil, err)
	defer os.Remove(file.Name())
	defer file.Close()
	fmt.Fprintln(file, "n")
	for n := 0; n < rows; n++ {
		fmt.Fprintln(file, n)
	}
	_, err = file.Seek(0, io.SeekStart)
	check(err == nil, err)
	request := client.UploadAPI.UploadTable(ctx).Catalog("lakehouse").Schema("main").Table(table).Mode("create")
	_, err = request.Body(file).Execute()
	return err
}

// query reads an answer line by line as it arrives, as far as read wants.
func query(client *altertable.APIClient, ctx context.Context, statement string, read func(*bufio.Scanner)) error {
	ctx = altertable.ReadWith(ctx, func(answer io.Reader) error {
		lines := bufio.NewScanner(answer)
		read(lines)
		return lines.Err()
	})
	_, _, err := client.QueryAPI.RunQuery(ctx).QueryRequest(*altertable.NewQueryRequest(statement)).Execute()
	return err
}

// refusal is what the server said when it refused with this status.
func refusal(err error, status int) string {
	var refused *altertable.GenericOpenAPIError
	check(errors.As(err, &refused), err)
	said, isText := refused.Model().(string)
	check(isText && said != "" && strings.HasPrefix(refused.Error(), fmt.Sprint(status)), refused.Error())
	return said
}

func check(holds bool, otherwise any) {
	if !holds {
		log.Fatal(otherwise)
	}
}

func main() {
	address, name, password := os.Args[1], os.Args[2], os.Args[3]
	configuration := altertable.NewConfiguration()
	configuration.Servers[0].URL = address
	configuration.HTTPClient = &http.Client{Transport: altertable.Streaming{}}
	client, ctx := altertable.NewAPIClient(configuration), signIn(name, password)

	validate := client.QueryAPI.ValidateStatement(ctx)
	valid, _, err := validate.ValidateRequest(*altertable.NewValidateRequest("SELECT 1")).Execute()
	check(err == nil && valid.Valid, err)
	fmt.Printf("signed in as %s; a right statement is valid\n", name)

	invalid, _, err := validate.ValidateRequest(*altertable.NewValidateRequest("SELECT FROM WHERE")).Execute()
	check(err == nil && !invalid.Valid && invalid.GetError() != "", err)
	fmt.Printf("a wrong statement is not: %s\n", strings.Split(invalid.GetError(), "\n")[0])

	err = upload(client, ctx)
	check(err == nil, err)
	fmt.Printf("uploaded %d rows into %s\n", rows, table)

	pairs := fmt.Sprintf("SELECT a.n * %d + b.n AS number FROM %s a CROSS JOIN %s b", rows, table, table)
	count, total := 0, 0
	err = query(client, ctx, pairs, func(lines *bufio.Scanner) {
		check(lines.Scan() && strings.Contains(lines.Text(), pairs), lines.Text())
		check(lines.Scan() && lines.Text() == `[{"name":"number","type":"BIGINT"}]`, lines.Text())
		for lines.Scan() {
			var row [1]int
			err := json.Unmarshal(lines.Bytes(), &row)
			check(err == nil, err)
			count, total = count+1, total+row[0]
		}
	})
	check(err == nil && count == all && total == all*(all-1)/2, fmt.Sprint(err, count, total))
	fmt.Printf("read %d rows with the sum %d\n", count, total)

	seen := 0
	err = query(client, ctx, endless, func(lines *bufio.Scanner) {
		for seen < enough+2 && lines.Scan() {
			seen++
		}
	})
	check(err == nil && seen == enough+2, fmt.Sprint(err, seen))
	fmt.Printf("read %d rows of an answer that has a million million, and went away\n", enough)

	again := refusal(upload(client, ctx), http.StatusBadRequest)
	check(strings.Contains(again, table), again)
	fmt.Printf("a second table of that name is refused, 400: %s\n", again)

	wrong := query(client, signIn(name, password+"?"), "SELECT 1", func(*bufio.Scanner) {})
	fmt.Printf("a wrong password is refused, 401: %s\n", refusal(wrong, http.StatusUnauthorized))
}
