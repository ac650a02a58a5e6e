package main

import (
	"context"
	"encoding/json"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/blang/semver"
	p "github.com/pulumi/pulumi-go-provider"
	"github.com/pulumi/pulumi-go-provider/integration"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/property"
	"golang.org/x/crypto/bcrypt"
)

// The SDK's types.
const (
	password = "random:index/randomPassword:RandomPassword"
	text     = "random:index/randomString:RandomString"
	id       = "random:index/randomId:RandomId"
	uuid4    = "random:index/randomUuid:RandomUuid"
)

var known = []string{password, text, id, uuid4}

type values = map[string]property.Value

func plugin(t *testing.T) integration.Server {
	t.Helper()
	served, err := provider()
	if err != nil {
		t.Fatal(err)
	}
	server, err := integration.NewServer(context.Background(), name, semver.MustParse("4.21.2"),
		integration.WithProvider(served))
	if err != nil {
		t.Fatal(err)
	}
	return server
}

func urn(kind string) resource.URN {
	return resource.URN("urn:pulumi:lab::homelab::" + kind + "::probe")
}

func number(n float64) property.Value     { return property.New(n) }
func no() property.Value                  { return property.New(false) }
func keepers(value string) property.Value { return property.New(values{"of": property.New(value)}) }

// inputs are those that a type must have, and the given ones.
func inputs(kind string, given values) property.Map {
	all := values{}
	switch kind {
	case password, text:
		all["length"] = number(16)
	case id:
		all["byteLength"] = number(8)
	}
	maps.Copy(all, given)
	return property.NewMap(all)
}

func check(t *testing.T, plugin integration.Server, kind string, in property.Map) property.Map {
	t.Helper()
	checked, err := plugin.Check(p.CheckRequest{Urn: urn(kind), Inputs: in})
	if err != nil || len(checked.Failures) > 0 {
		t.Fatalf("check of %s: %v %v", kind, err, checked.Failures)
	}
	return checked.Inputs
}

func create(t *testing.T, plugin integration.Server, kind string, in property.Map) p.CreateResponse {
	t.Helper()
	created, err := plugin.Create(p.CreateRequest{Urn: urn(kind), Properties: check(t, plugin, kind, in)})
	if err != nil {
		t.Fatal(err)
	}
	return created
}

func diff(t *testing.T, plugin integration.Server, kind string, made p.CreateResponse, in property.Map) p.DiffResponse {
	t.Helper()
	diff, err := plugin.Diff(p.DiffRequest{
		ID: made.ID, Urn: urn(kind), State: made.Properties, Inputs: check(t, plugin, kind, in),
	})
	if err != nil {
		t.Fatal(err)
	}
	return diff
}

func TestAPasswordIsSecretWithItsHashAndNothingElseIs(t *testing.T) {
	plugin := plugin(t)
	made := create(t, plugin, password, inputs(password, values{"keepers": keepers("a")}))
	secret := []string{}
	for name, value := range made.Properties.AllStable {
		if value.HasSecrets() {
			secret = append(secret, name)
		}
	}
	if !slices.Equal(secret, []string{"bcryptHash", "result"}) {
		t.Errorf("secret are %v", secret)
	}
	result, hash := made.Properties.Get("result").AsString(), made.Properties.Get("bcryptHash").AsString()
	if !regexp.MustCompile(`^[0-9A-Za-z!@#$%&*()\-_=+\[\]{}<>:?]{16}$`).MatchString(result) || made.ID != "none" {
		t.Errorf("made %s with the id %s", result, made.ID)
	}
	if err := bcrypt.CompareHashAndPassword([]byte(hash), []byte(result)); err != nil {
		t.Error(err)
	}
	again := create(t, plugin, password, inputs(password, nil))
	if again.Properties.Get("result").AsString() == result {
		t.Error("the same password twice")
	}
}

func TestAPasswordLongerThanBcryptTakesIsHashedByItsStart(t *testing.T) {
	made := create(t, plugin(t), password, inputs(password, values{"length": number(100)}))
	result, hash := made.Properties.Get("result").AsString(), made.Properties.Get("bcryptHash").AsString()
	if err := bcrypt.CompareHashAndPassword([]byte(hash), []byte(result[:72])); len(result) != 100 || err != nil {
		t.Errorf("%d bytes: %v", len(result), err)
	}
}

func TestASecretKeeperStaysSecret(t *testing.T) {
	in := inputs(uuid4, values{"keepers": property.New(values{"of": property.New("x").WithSecret(true)})})
	made := create(t, plugin(t), uuid4, in)
	if !made.Properties.Get("keepers").HasSecrets() || made.Properties.Get("result").HasSecrets() {
		t.Errorf("made %v", made.Properties)
	}
}

func TestTextHasOnlyTheWantedKindsAndTheLeastNumberOfEach(t *testing.T) {
	plugin := plugin(t)
	for pattern, given := range map[string]values{
		`^[a-z]{16}$`:         {"upper": no(), "numeric": no(), "special": no()},
		`^[0-9]{16}$`:         {"upper": no(), "lower": no(), "special": no()},
		`^[A-Z]{16}$`:         {"lower": no(), "numeric": no(), "special": no()},
		`^[ß~]{16}$`:          {"upper": no(), "lower": no(), "numeric": no(), "overrideSpecial": property.New("ß~")},
		`^([a-z]*\d){16}$`:    {"minNumeric": number(16)},
		`^(\w*[^\w]){5}\w*$`:  {"minSpecial": number(5), "special": no(), "overrideSpecial": property.New(".,;")},
		`^([^a-z]*[a-z]){9}`:  {"minLower": number(9), "minUpper": number(7)},
		`^[0-9A-Za-z#]{16}$`:  {"overrideSpecial": property.New("#")},
		`^[0-9A-Za-z]{16}$`:   {"special": no(), "overrideSpecial": property.New("#")},
		`^([^A-Z]*[A-Z]){16}`: {"minUpper": number(16), "upper": no()},
	} {
		for range 20 {
			made := create(t, plugin, text, inputs(text, given))
			result := made.Properties.Get("result").AsString()
			if !regexp.MustCompile(pattern).MatchString(result) || utf8.RuneCountInString(result) != 16 || made.ID != result {
				t.Errorf("%s is not %s (id %s)", result, pattern, made.ID)
			}
		}
	}
}

func TestEveryCharacterAndPlaceIsEquallyLikely(t *testing.T) {
	yes, none, one := true, 0, 1
	args := TextArgs{
		Length: 4, Lower: &yes, Numeric: new(bool), Special: &yes, Upper: &yes,
		MinLower: &none, MinNumeric: &one, MinSpecial: &none, MinUpper: &none,
	}
	digits, places := map[rune]int{}, map[int]int{}
	for range 4000 {
		for place, character := range args.generate() {
			if strings.ContainsRune("0123456789", character) {
				digits[character]++
				places[place]++
			}
		}
	}
	for digit := '0'; digit <= '9'; digit++ {
		if digits[digit] < 280 || digits[digit] > 520 { // 400, give or take six standard deviations
			t.Errorf("%c was drawn %d times of 4000", digit, digits[digit])
		}
	}
	for place := range 4 {
		if places[place] < 830 || places[place] > 1170 {
			t.Errorf("the digit was at place %d %d times of 4000", place, places[place])
		}
	}
}

func TestAnIdIsTheSameBytesInFourSpellings(t *testing.T) {
	plugin := plugin(t)
	for prefix, want := range map[string]string{
		"":   `{"b64Std":"p+9hUg==","b64Url":"p-9hUg","byteLength":4,"dec":"2817483090","hex":"a7ef6152"}`,
		"l-": `{"b64Std":"l-p+9hUg==","b64Url":"l-p-9hUg","byteLength":4,"dec":"l-2817483090","hex":"l-a7ef6152","prefix":"l-"}`,
		"l,": `{"b64Std":"l,p+9hUg==","b64Url":"l,p-9hUg","byteLength":4,"dec":"l,2817483090","hex":"l,a7ef6152","prefix":"l,"}`,
	} {
		given := "p-9hUg"
		if prefix != "" {
			given = prefix + "," + given
		}
		read, err := plugin.Read(p.ReadRequest{ID: given, Urn: urn(id)})
		if err != nil || read.ID != "p-9hUg" {
			t.Fatalf("%s became %s: %v", given, read.ID, err)
		}
		plain := map[string]any{}
		for name, value := range read.Properties.All {
			if value.IsNumber() {
				plain[name] = value.AsNumber()
			} else {
				plain[name] = value.AsString()
			}
		}
		if got, _ := json.Marshal(plain); string(got) != want {
			t.Errorf("%s is %s", given, got)
		}
	}
	made := create(t, plugin, id, inputs(id, values{"prefix": property.New("p-")}))
	if hex := made.Properties.Get("hex").AsString(); !regexp.MustCompile(`^p-[0-9a-f]{16}$`).MatchString(hex) ||
		made.Properties.Get("b64Url").AsString() != "p-"+made.ID {
		t.Errorf("made %v with the id %s", made.Properties, made.ID)
	}
}

func TestAUuidIsItsOwnId(t *testing.T) {
	made := create(t, plugin(t), uuid4, property.Map{})
	if !regexp.MustCompile(`^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$`).MatchString(made.ID) ||
		made.Properties.Get("result").AsString() != made.ID {
		t.Errorf("made %v with the id %s", made.Properties, made.ID)
	}
}

func TestPreviewKnowsNoResult(t *testing.T) {
	plugin := plugin(t)
	for _, kind := range known {
		in := check(t, plugin, kind, inputs(kind, values{"keepers": property.New(property.Computed)}))
		made, err := plugin.Create(p.CreateRequest{Urn: urn(kind), Properties: in, DryRun: true})
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range made.Properties.All {
			if slices.Contains(outputs, name) != value.IsComputed() && name != "keepers" {
				t.Errorf("%s: is %s unknown? %v", kind, name, value.IsComputed())
			}
		}
	}
	check(t, plugin, password, inputs(password, values{"length": property.New(property.Computed), "minUpper": number(4)}))
	check(t, plugin, id, inputs(id, values{"byteLength": property.New(property.Computed)}))
}

func TestEveryChangedInputReplacesAndAWrittenOutDefaultDoesNot(t *testing.T) {
	plugin := plugin(t)
	for _, kind := range known {
		made := create(t, plugin, kind, inputs(kind, values{"keepers": keepers("a")}))
		if same := diff(t, plugin, kind, made, inputs(kind, values{"keepers": keepers("a")})); same.HasChanges {
			t.Errorf("%s: unchanged inputs differ: %v", kind, same)
		}
		changed := diff(t, plugin, kind, made, inputs(kind, values{"keepers": keepers("b")}))
		if !changed.HasChanges || changed.DetailedDiff["keepers.of"].Kind != p.UpdateReplace {
			t.Errorf("%s: a changed keeper: %v", kind, changed)
		}
		if gone := diff(t, plugin, kind, made, inputs(kind, nil)); gone.DetailedDiff["keepers"].Kind != p.DeleteReplace {
			t.Errorf("%s: keepers taken away: %v", kind, gone)
		}
	}
	made := create(t, plugin, password, inputs(password, nil))
	written := inputs(password, values{"special": property.New(true), "minUpper": number(0)})
	if same := diff(t, plugin, password, made, written); same.HasChanges {
		t.Errorf("a default: %v", same)
	}
	for name, value := range (values{
		"length": number(17), "lower": no(), "numeric": no(), "special": no(), "upper": no(), "minLower": number(1),
		"minNumeric": number(1), "minSpecial": number(1), "minUpper": number(1), "overrideSpecial": property.New("#"),
	}) {
		changed := diff(t, plugin, password, made, inputs(password, values{name: value}))
		if kind := changed.DetailedDiff[name].Kind; kind != p.UpdateReplace && kind != p.AddReplace {
			t.Errorf("a changed %s: %v", name, changed)
		}
	}
}

// The real plugin notes its own things in a state and no defaults in the inputs.
func TestAStateOfTheRealPluginIsKept(t *testing.T) {
	plugin := plugin(t)
	made := create(t, plugin, password, inputs(password, nil))
	made.Properties = made.Properties.Set("__meta", property.New(`{"schema_version":"3"}`))
	if same := diff(t, plugin, password, made, inputs(password, nil)); same.HasChanges {
		t.Errorf("differs: %v", same)
	}
	read, err := plugin.Read(p.ReadRequest{
		ID: made.ID, Urn: urn(password), Properties: made.Properties, Inputs: inputs(password, nil),
	})
	if err != nil || read.ID != made.ID || !read.Properties.Equals(made.Properties) ||
		!read.Inputs.Equals(inputs(password, nil)) {
		t.Errorf("a refresh: %v %v", read, err)
	}
	if err := plugin.Delete(p.DeleteRequest{ID: made.ID, Urn: urn(password), Properties: made.Properties}); err != nil {
		t.Error(err)
	}
}

func TestAnImportedPasswordIsSecretAndFitsTheInputsOfItsLength(t *testing.T) {
	plugin := plugin(t)
	read, err := plugin.Read(p.ReadRequest{ID: "hunter2-ß", Urn: urn(password)})
	if err != nil {
		t.Fatal(err)
	}
	result, hash := read.Properties.Get("result"), read.Properties.Get("bcryptHash")
	if read.ID != "none" || result.AsString() != "hunter2-ß" || !result.Secret() || !hash.Secret() {
		t.Errorf("read %v with the id %s", read.Properties, read.ID)
	}
	if err := bcrypt.CompareHashAndPassword([]byte(hash.AsString()), []byte("hunter2-ß")); err != nil {
		t.Error(err)
	}
	imported := p.CreateResponse{ID: read.ID, Properties: read.Properties}
	if same := diff(t, plugin, password, imported, inputs(password, values{"length": number(9)})); same.HasChanges {
		t.Errorf("differs: %v", same)
	}
}

func TestWhatIsNoIdIsNotImported(t *testing.T) {
	plugin := plugin(t)
	for kind, given := range map[string]string{id: "lab,+/", uuid4: "75996da6-0626"} {
		_, err := plugin.Read(p.ReadRequest{ID: given, Urn: urn(kind)})
		if err == nil || !strings.Contains(err.Error(), "cannot be imported") {
			t.Errorf("%s: %v", kind, err)
		}
	}
}

func TestCheckRefusesWhatCannotWork(t *testing.T) {
	plugin := plugin(t)
	for _, c := range []struct {
		kind, property, reason string
		given                  values
	}{
		{password, "length", "must be at least 1", values{"length": number(0)}},
		{text, "length", "must be at least 5", values{"length": number(4), "minUpper": number(3), "minLower": number(2)}},
		{text, "length", "must be a whole number", values{"length": number(4.5)}},
		{password, "minUpper", "must not be negative", values{"minUpper": number(-1)}},
		{password, "number", "is deprecated; use numeric", values{"number": no()}},
		{password, "special", "one of them must be true", values{
			"special": no(), "upper": no(), "lower": no(), "numeric": no(),
		}},
		{password, "strength", "Unrecognized field 'strength'", values{"strength": number(9)}},
		{id, "byteLength", "must be at least 1", values{"byteLength": number(0)}},
		{id, "length", "Unrecognized field 'length'", values{"length": number(0)}},
		{uuid4, "version", "Unrecognized field 'version'", values{"version": number(7)}},
	} {
		checked, err := plugin.Check(p.CheckRequest{Urn: urn(c.kind), Inputs: inputs(c.kind, c.given)})
		if err != nil {
			t.Fatal(err)
		}
		if len(checked.Failures) != 1 || checked.Failures[0].Property != c.property ||
			!strings.Contains(checked.Failures[0].Reason, c.reason) {
			t.Errorf("%v: %v", c.given, checked.Failures)
		}
	}
}

func TestOtherResourcesOfTheSdkAreUnknown(t *testing.T) {
	_, err := plugin(t).Check(p.CheckRequest{Urn: urn("random:index/randomPet:RandomPet")})
	if err == nil || !strings.Contains(err.Error(), "not found") {
		t.Errorf("got %v", err)
	}
}
