/** Templates for every construct of the language, written by hand. */

const text = (value: string): Uint8Array => Buffer.from(value, 'utf8');

export const LANGUAGE_DATA: ReadonlyMap<string, Uint8Array> = new Map([
  ['name', text('db')],
  ['user', text('admin')],
  ['empty', text('')],
  ['bytes', Uint8Array.of(0x00, 0xff, 0xfe, 0x41)],
  ['unicode', text('héllo 世界 😀')],
  ['json', text('{"a":{"b":[1,2.5,"x",null,true]},"host":"h","port":5432}')],
  ['yaml', text('a: 1\nb:\n  - x\n  - y: z\n')],
  ['lines', text('one\ntwo\nthree')],
  ['number', text('42')],
]);

const R = String.raw;

// biome-ignore format: a table
const TEXT_AND_TRIM = [
  '', 'plain', 'a {{ 1 }} b', 'a  {{- 1 -}}  b', 'a\n\t {{- 1 }}\n b', 'a {{ 1 -}} \n\n b', '{{- 1 -}}', '  {{- "" -}}  ', 'a{{-1}}b',
  'a {{- -1 -}} b', '{{1}}{{2}}', '}}', '} } {', '{ {1}}', '{{1}', '{{', '{{ }}', '{{}}', '{{-}}', '{{- -}}', '{{--}}', '{{ 1', '{{1}}}}', '{{{1}}}',
  'a\r\n{{- 1 -}}\r\nb', 'é{{"ü"}}世', '\u00a0{{- 1 -}}\u00a0', 'a{{/* c */}}b', 'a {{- /* c */ -}} b', '{{/* a }} b */}}', '{{/* a', '{{/* a */',
  '{{/*a*/ }}', '{{ /*a*/}}', '{{/**/}}', '{{/* */ 1}}', '{{- /*a*/}}', '{{/*a*/ -}} x', '{{/*\n*/}}', '{{-/*a*/-}}', '{{/* a */ */}}', '{{\n1\n}}',
  '{{"a"\n}}', '{{ 1\r\n}}', '{{\t1\t}}', '{{print\n1\n2}}', '{{ "a\n" }}', '{{ `a\nb` }}', '{{ `a\r\nb` }}',
];

// biome-ignore format: a table
const LITERALS = [
  '{{ 0 }}', '{{ -0 }}', '{{ +7 }}', '{{ 007 }}', '{{ 08 }}', '{{ 0x1F }}', '{{ 0XfF }}', '{{ 0b101 }}', '{{ 0B2 }}', '{{ 0o17 }}', '{{ 0O7 }}',
  '{{ 1_000 }}', '{{ 1__0 }}', '{{ _1 }}', '{{ 1_ }}', '{{ 0_7 }}', '{{ 0x_1 }}', '{{ 9223372036854775807 }}', '{{ 9223372036854775808 }}',
  '{{ -9223372036854775808 }}', '{{ -9223372036854775809 }}', '{{ 18446744073709551615 }}', '{{ 18446744073709551616 }}', '{{ 1e3 }}', '{{ 1e19 }}',
  '{{ 1.0 }}', '{{ 1.5 }}', '{{ .5 }}', '{{ 5. }}', '{{ 1e-3 }}', '{{ 1E+3 }}', '{{ 1e400 }}', '{{ 0x1p4 }}', '{{ 0x1.8p1 }}', '{{ 0x1.8 }}',
  '{{ 1i }}', '{{ 1.5i }}', '{{ 1+2i }}', '{{ 1-2.5i }}', '{{ 0i }}', '{{ print 1i }}', '{{ 3+0i }}', '{{ 1a }}', '{{ 1.2.3 }}', '{{ 0x }}',
  '{{ 1e }}', '{{ 100000000000000000000.0 }}', '{{ 123456789.0 }}', '{{ 0.000001 }}', '{{ 0.0000001 }}', '{{ 1e20 }}', '{{ 1e21 }}', '{{ 1e6 }}',
  "{{ 'a' }}", R`{{ '\n' }}`, R`{{ '\'' }}`, R`{{ '"' }}`, R`{{ '\"' }}`, R`{{ '\x41' }}`, R`{{ '\u00e9' }}`, R`{{ '\U0001F600' }}`, R`{{ '\101' }}`,
  "{{ '世' }}", "{{ '' }}", "{{ 'ab' }}", "{{ 'a }}", R`{{ '\z' }}`, R`{{ '\xg1' }}`, R`{{ '\400' }}`, R`{{ '\uD800' }}`, '{{ printf "%c" \'a\' }}',
  '{{ "a" }}', '{{ "" }}', R`{{ "\n\t\\\"" }}`, R`{{ "\x41\101\u00e9\U0001F600" }}`, R`{{ "\xff\xfe" }}`, R`{{ "\'" }}`, R`{{ "\z" }}`,
  R`{{ "\uD800" }}`, '{{ "a }}', '{{ "é世" }}', '{{ `raw` }}', '{{ `a\\n` }}', '{{ ` }}', '{{ `` }}', R`{{ "\a\b\f\v\r" | printf "%q" }}`,
  R`{{ "\u12" }}`, R`{{ "\8" }}`, '{{ true }}', '{{ false }}', '{{ nil }}', '{{ print nil }}', '{{ printf "%v" nil }}', '{{ true.x }}',
  '{{ "a".b }}', '{{ 1.b }}', '{{ nil.x }}', '{{ (nil) }}', '{{ if nil }}{{ end }}', '{{ $x := nil }}', '{{ eq nil nil }}', '{{ not nil }}',
  '{{ list nil }}', '{{ default nil 1 }}', '{{ index nil 1 }}', '{{ len nil }}', '{{ and nil 1 }}', '{{ or nil 1 }}',
];

// biome-ignore format: a table
const FIELDS_AND_VARIABLES = [
  '{{ . }}', '{{ .name }}', '{{.name}}', '{{ .nope }}', '{{ .name.x }}', '{{ .nope.x }}', '{{ $ }}', '{{ $.name }}', '{{ $.nope }}',
  '{{ index . "name" }}', '{{ index . "nope" }}', '{{ .unicode }}', '{{ .bytes }}', '{{ len .bytes }}', '{{ .é }}', '{{ ..name }}', '{{ .name.}}',
  '{{ . name }}', '{{ .name . }}', '{{ .name 1 }}', '{{ .1 }}', '{{ .a-b }}', '{{ .name|len }}', '{{ .name | }}', '{{ | len }}',
  '{{ .name || len }}', '{{ .name | 1 }}', '{{ 1 | .name }}', '{{ 1 | "a" }}', '{{ (.name) }}', '{{ ((.name)) }}', '{{ (.name }}', '{{ .name) }}',
  '{{ () }}', '{{ (1) 2 }}', '{{ (print) 2 }}', '{{ (fromJson .json).host }}', '{{ (fromJson .json).a.b }}', '{{ (fromJson .json).nope }}',
  '{{ (fromJson .json).host.x }}', '{{ (fromJson .json).port }}', '{{ (fromJson .json).port.x }}', '{{ ((fromJson .json).a).b }}',
  '{{ (index (fromJson .json).a.b 2) }}', '{{ (fromJson .json) .host }}', '{{ fromJson .json.host }}', '{{ (fromJson "null").x }}',
  '{{ (fromJson "[1]").x }}', '{{ (list 1).x }}', '{{ (dict "a" nil).a }}', '{{ (dict "a" nil).a.b }}', '{{ (dict).a }}',
  '{{ (split "," "x,y")._1 }}', '{{ (split "," "x,y")._2 }}', '{{ (urlParse "http://h/p").host }}', '{{ (semver "1.2.3").Major }}',
  '{{ (semver "1.2.3-x").Prerelease }}', '{{ (semver "1.2.3").IncMinor }}', '{{ (semver "1.2.3").Nope }}', '{{ (semver "1.2.3").String | len }}',
  '{{ (semver "v1.2").Original }}', '{{ (toDate "2006-01-02" "2024-02-29").Year }}', '{{ (toDate "2006-01-02" "2024-02-29").Weekday }}',
  '{{ (toDate "2006-01-02" "2024-02-29").Month }}', '{{ (toDate "2006-01-02" "2024-02-29").YearDay }}',
  '{{ (toDate "2006-01-02" "2024-02-29").Format "Jan 2" }}', '{{ ((toDate "2006-01-02" "2024-02-29").AddDate 0 1 1).Format "2006-01-02" }}',
  '{{ (toDate "2006-01-02" "2024-02-29").Unix }}', '{{ toDate "2006-01-02" "2024-02-29" }}', '{{ (toDate "2006" "2020").IsZero }}',
  '{{ (toDate "x" "y").IsZero }}', '{{ (toDate "2006" "2020").Before (toDate "2006" "2021") }}',
  '{{ (toDate "2006" "2021").Sub (toDate "2006" "2020") }}', '{{ ((toDate "2006" "2021").Sub (toDate "2006" "2020")).Hours }}',
  '{{ $x := 1 }}{{ $x }}', '{{ $x }}', '{{ $x = 1 }}', '{{ $x := 1 }}{{ $x = 2 }}{{ $x }}', '{{ $x := 1 }}{{ $x := 2 }}{{ $x }}',
  '{{ $x := 1 }}{{ if true }}{{ $x := 2 }}{{ end }}{{ $x }}', '{{ $x := 1 }}{{ if true }}{{ $x = 2 }}{{ end }}{{ $x }}',
  '{{ if true }}{{ $x := 1 }}{{ end }}{{ $x }}', '{{ $x := fromJson .json }}{{ $x.host }} {{ $x.a.b }}', '{{ $x := 1 }}{{ $x.y }}',
  '{{ $x := .name }}{{ $x | upper }}', '{{ $x:=1}}{{$x}}', '{{ $x := }}', '{{ $x : = 1 }}', '{{ $x 1 }}', '{{ $x := 1, 2 }}', '{{ $x, $y := 1 }}',
  '{{ $é := 1 }}{{ $é }}', '{{ $1 := 1 }}', '{{ $ := 1 }}{{ $ }}', '{{ $x := 1 | add 2 }}{{ $x }}', '{{ 1 | $x := 2 }}', '{{ ($x := 1) }}',
  '{{ $x := 1 }}{{ ($x) }}', '{{ $_a1 := 1 }}{{ $_a1 }}', '{{ $x := "a" }}{{ $y := $x }}{{ $x = "b" }}{{ $y }}{{ $x }}',
  '{{ $d := dict }}{{ $e := $d }}{{ $_ := set $e "a" 1 }}{{ $d }}', '{{ $x.name }}', '{{ $.name.x }}', '{{ $x := $ }}{{ $x.name }}',
  '{{ $x := list 1 2 }}{{ $y := append $x 3 }}{{ $x }}{{ $y }}', '{{$x := 1}}{{$x -}} a',
];

// biome-ignore format: a table
const CONTROL = [
  '{{ if true }}a{{ end }}', '{{ if false }}a{{ end }}', '{{ if false }}a{{ else }}b{{ end }}',
  '{{ if .empty }}a{{ else if .name }}b{{ else }}c{{ end }}', '{{ if 0 }}a{{ else if "" }}b{{ else if 0.0 }}c{{ else }}d{{ end }}',
  '{{ if $x := .name }}{{ $x }}{{ end }}', '{{ if $x := .empty }}{{ else }}[{{ $x }}]{{ end }}', '{{ if }}{{ end }}', '{{ if true }}', '{{ end }}',
  '{{ else }}', '{{ if true }}{{ else }}{{ else }}{{ end }}', '{{ if true }}{{ else }}{{ else if 1 }}{{ end }}', '{{ if true }}{{ end }}{{ end }}',
  '{{ if 1 2 }}{{ end }}', '{{ if list }}a{{ else }}b{{ end }}', '{{ if dict "a" 1 }}a{{ end }}', '{{ if not .empty }}a{{ end }}',
  '{{ if and .name .user }}a{{ end }}', '{{ if or .empty .name }}a{{ end }}', '{{ if eq .name "db" }}a{{ end }}', '{{ if nil }}a{{ end }}',
  '{{ if (nil) }}a{{ end }}', '{{ if semver "1.2.3" }}a{{ end }}', '{{ if toDate "x" "y" }}a{{ end }}', '{{ else if true }}',
  '{{ if true }}{{ else with 1 }}{{ end }}', '{{ if false }}{{ else with 1 }}{{ . }}{{ end }}', '{{ with 0 }}{{ else if 1 }}a{{ end }}',
  '{{if true}}a{{end x}}', '{{if true}}a{{else x}}{{end}}', '{{iftrue}}{{end}}', '{{if true}}{{if false}}a{{else}}b{{end}}c{{end}}',
  '{{ if 1 | eq 1 }}a{{ end }}', '{{ if $x := 1 | eq 1 }}{{ $x }}{{ end }}', '{{ if $x = 1 }}a{{ end }}',
  '{{ $x := 0 }}{{ if $x = 1 }}{{ $x }}{{ end }}{{ $x }}', '{{ with .name }}{{ . }}{{ end }}', '{{ with .empty }}a{{ else }}{{ .name }}{{ end }}',
  '{{ with $x := .name }}{{ . }}{{ $x }}{{ end }}', '{{ with fromJson .json }}{{ .host }}{{ $.name }}{{ end }}',
  '{{ with .name }}{{ .user }}{{ end }}', '{{ with .nope }}a{{ else }}b{{ end }}',
  '{{ with .empty }}a{{ else with .name }}{{ . }}{{ else }}c{{ end }}',
  '{{ with .empty }}a{{ else with $x := .empty }}b{{ else }}{{ . | len }}[{{ $x }}]{{ end }}', '{{ with list }}a{{ else }}b{{ end }}',
  '{{ with nil }}{{ end }}', '{{ with 1 }}{{ with 2 }}{{ . }}{{ end }}{{ . }}{{ end }}', '{{ with }}{{ end }}',
  '{{ with .name }}{{ $ | len }}{{ end }}', '{{ range list 1 2 3 }}{{ . }},{{ end }}',
  '{{ range $i, $e := list "a" "b" }}{{ $i }}={{ $e }};{{ end }}', '{{ range $e := list "a" "b" }}{{ $e }}{{ . }}{{ end }}',
  '{{ range list }}a{{ else }}none{{ end }}', '{{ range dict "b" 1 "a" 2 }}{{ . }}{{ end }}',
  '{{ range $k, $v := dict "b" 1 "a" 2 "" 3 "é" 4 "Z" 5 }}{{ $k }}={{ $v }} {{ end }}', '{{ range $k, $v := . }}{{ $k }}:{{ len $v }} {{ end }}',
  '{{ range 3 }}{{ . }}{{ end }}', '{{ range $i := 3 }}{{ $i }}{{ end }}', '{{ range $i, $e := 3 }}{{ $i }}{{ end }}',
  '{{ range 0 }}a{{ else }}b{{ end }}', '{{ range -1 }}a{{ else }}b{{ end }}', '{{ range int64 2 }}{{ printf "%T" . }}{{ end }}',
  '{{ range 1.5 }}{{ end }}', '{{ range .name }}{{ . }}{{ end }}', '{{ range "aé" }}{{ . }} {{ end }}',
  '{{ range $i, $c := "aé世" }}{{ $i }}{{ $c }} {{ end }}', '{{ range nil }}a{{ else }}b{{ end }}', '{{ range true }}{{ end }}',
  '{{ range until 3 }}{{ . }}{{ end }}', '{{ range $i, $_ := until 3 }}{{ $i }}{{ end }}', '{{ range split "," "a,b,c" }}{{ . }}{{ end }}',
  '{{ range (fromJson .json).a.b }}[{{ . }}]{{ end }}', '{{ range fromJson "null" }}a{{ else }}b{{ end }}',
  '{{ range $x := 1 }}{{ $x }}{{ else }}{{ $x }}{{ end }}', '{{ range $a, $b, $c := list }}{{ end }}', '{{ range $a $b := list }}{{ end }}',
  '{{ range $a, 1 := list }}{{ end }}', '{{ range }}{{ end }}', '{{ range list 1 }}{{ else }}{{ else }}{{ end }}',
  '{{ range semver "1.2.3" }}{{ end }}', '{{ range list 1 2 3 }}{{ if eq . 2 }}{{ break }}{{ end }}{{ . }}{{ end }}',
  '{{ range list 1 2 3 }}{{ if eq . 2 }}{{ continue }}{{ end }}{{ . }}{{ end }}', '{{ break }}', '{{ continue }}',
  '{{ range 2 }}{{ break 1 }}{{ end }}', '{{ range 2 }}{{ break }}{{ end }}x', '{{ range 2 }}{{ range 2 }}{{ break }}{{ end }}{{ . }}{{ end }}',
  '{{ range 2 }}{{ else }}{{ break }}{{ end }}', '{{ range 2 }}{{ with 1 }}{{ continue }}{{ end }}{{ end }}y',
  '{{ range 3 }}{{ define "x" }}{{ break }}{{ end }}{{ end }}', '{{ $s := "" }}{{ range list "a" "b" }}{{ $s = print $s . }}{{ end }}{{ $s }}',
  '{{ $i := 9 }}{{ range $i, $e := list "a" }}{{ $i }}{{ end }}{{ $i }}',
  '{{ $i := 9 }}{{ $e := 8 }}{{ range $i, $e = list "a" "b" }}{{ end }}{{ $i }}{{ $e }}',
  '{{ $e := 8 }}{{ range $e = list "a" "b" }}{{ end }}{{ $e }}', '{{ range $e = list 1 }}{{ end }}',
  '{{ $e := 8 }}{{ range $e = 3 }}{{ end }}{{ $e }}', '{{ range list (list 1 2) (list 3) }}{{ range . }}{{ . }}{{ end }};{{ end }}',
  '{{ range $i := until 2 }}{{ $x := $i }}{{ $x }}{{ end }}', '{{ $x := 1 }}{{ range 2 }}{{ $x = add $x 1 }}{{ end }}{{ $x }}',
  '{{ range list 1 2 }}{{ $.name }}{{ end }}', '{{- range list 1 2 }}\n- {{ . }}\n{{- end }}\n', '{{ range break }}{{ end }}',
  '{{ range $m := list (dict "a" 1) }}{{ $m.a }}{{ end }}',
  '{{ $d := dict "a" 1 }}{{ range $k, $v := $d }}{{ $_ := set $d "b" 2 }}{{ $k }}{{ end }}',
];

// biome-ignore format: a table
const TEMPLATES = [
  '{{ define "t" }}{{ if lt . 60 }}{{ template "t" (add1 .) }}{{ else }}done{{ end }}{{ end }}{{ template "t" 0 }}',
  '{{ define "t" }}[{{ . }}]{{ end }}{{ template "t" .name }}', '{{ define "t" }}x{{ end }}{{ template "t" }}',
  '{{ define "t" }}{{ . }}{{ end }}{{ template "t" }}', '{{ template "nope" }}', '{{ template "t" . }}{{ define "t" }}{{ .name }}{{ end }}',
  '{{ define "t" }}a{{ end }}{{ define "t" }}b{{ end }}{{ template "t" }}', '{{ define "t" }}{{ end }}{{ define "t" }}b{{ end }}{{ template "t" }}',
  '{{ define "t" }}b{{ end }}{{ define "t" }} \n{{ end }}{{ template "t" }}', '{{ define "t" }}{{ $ }}{{ end }}{{ template "t" 7 }}',
  '{{ $x := 1 }}{{ define "t" }}{{ $x }}{{ end }}', '{{ define t }}{{ end }}', '{{ define `t` }}a{{ end }}{{ template `t` }}',
  '{{ define "t" . }}{{ end }}', '{{ define }}{{ end }}', '{{ define "t" }}', '{{ template }}', '{{ template t }}', '{{ template "t" 1 2 }}',
  '{{ template (print "t") }}', '{{ define "t" }}{{ define "u" }}{{ end }}{{ end }}',
  '{{ if true }}{{ define "t" }}a{{ end }}{{ end }}{{ template "t" }}', '{{ block "b" .name }}<{{ . }}>{{ end }}',
  '{{ block "b" . }}{{ .name }}{{ end }}{{ template "b" . }}', '{{ block "b" }}{{ end }}', '{{ block "b" 1 }}',
  '{{ define "b" }}mine{{ end }}{{ block "b" . }}other{{ end }}', '{{ block "b" . }}other{{ end }}{{ define "b" }}mine{{ end }}',
  '{{ define "t" }}{{ if gt . 0 }}{{ . }}{{ template "t" (sub . 1) }}{{ end }}{{ end }}{{ template "t" 3 }}',
  '{{ define "t" }}{{ if . }}{{ first . }}{{ template "t" (rest .) }}{{ end }}{{ end }}{{ template "t" (list 1 2 3) }}',
  '{{ template "t" $x := 1 }}', '{{ define "t" }}{{ . }}{{ end }}{{ template "t" dict "a" 1 }}',
  '{{ define "t" }}{{ . }}{{ end }}{{ template "t" 1 | add 1 }}', '{{ range 2 }}{{ template "t" . }}{{ end }}{{ define "t" }}{{ break }}{{ end }}',
  '{{ template "k" }}', '{{ define "k" }}a{{ end }}b', '{{ define "k" }}a{{ end }}', '{{ define "" }}a{{ end }}{{ template "" }}',
  '{{ define "a b/c" }}x{{ end }}{{ template "a b/c" }}', R`{{ define "\x74" }}x{{ end }}{{ template "t" }}`,
  '{{define "t"}}{{.}}{{end}}{{template "t" nil}}', '{{ define "t" -}}  x  {{- end }}[{{ template "t" }}]', '{{ $x := template "t" }}',
  '{{ (template "t") }}', '{{ include "t" . }}', '{{ tpl "x" . }}',
];

// biome-ignore format: a table
const PIPES_AND_CALLS = [
  '{{ .name | upper | printf "%s-%s" .user }}', '{{ "a" | quote }}', '{{ quote "a" | upper }}', '{{ add 1 2 | mul 3 }}',
  '{{ printf "%d" 1 | printf "%s%s" "a" }}', '{{ (add 1 2) | toString | len }}', '{{ nope }}', '{{ nope 1 }}', '{{ 1 nope }}', '{{ add (1 2) }}',
  '{{ print (print (print 1)) }}', '{{ print(1) }}', '{{ print 1(2) }}', '{{ print"a" }}', '{{ print "a""b" }}', '{{ print 1 -1 }}',
  '{{ print 1 - 1 }}', '{{ print 1,2 }}', '{{ print .name.user }}', '{{ print .name .user }}', '{{ .name .user }}', '{{ print $.name$.user }}',
  '{{ print true false }}', '{{ 3 | list 1 2 }}', '{{ list 1 2 | join "," }}', '{{ "x" | not }}', '{{ not | print }}', '{{ len }}', '{{ len 3 }}',
  '{{ len "é" }}', '{{ upper 1 }}', '{{ upper nil }}', '{{ upper .nope }}', '{{ repeat "3" "x" }}', '{{ repeat 3.0 "x" }}', '{{ repeat 3.5 "x" }}',
  '{{ repeat (int64 3) "x" }}', '{{ add 1 "2" 3.7 true nil }}', '{{ env "HOME" }}', '{{ expandenv "$HOME" }}', '{{ getHostByName "localhost" }}',
  '{{ call 1 }}', '{{ call upper "a" }}', '{{ call nil }}', '{{ fail "no" }}', '{{ if false }}{{ fail "no" }}{{ end }}ok', 'before{{ fail "no" }}',
  '{{ and }}', '{{ and 1 }}', '{{ and 1 0 2 }}', '{{ and 1 "a" }}', '{{ and 0 (fail "x") }}', '{{ or 1 (fail "x") }}', '{{ or 0 "" }}',
  '{{ or 0 "" "a" }}', '{{ and 1 (fail "x") }}', '{{ 0 | and 1 }}', '{{ 1 | or 0 }}', '{{ or }}', '{{ not }}', '{{ not 1 2 }}', '{{ eq 1 }}',
  '{{ eq 1 1 }}', '{{ eq 1 2 1 }}', '{{ eq 1 1.0 }}', '{{ eq "a" 1 }}', '{{ eq 1 (int64 1) }}', '{{ eq (int64 1) 1 }}', '{{ eq true true }}',
  '{{ eq (list) (list) }}', '{{ eq (dict) 1 }}', '{{ ne (list) 1 }}', '{{ eq nil 1 }}', '{{ eq 1 nil }}', '{{ eq (fromJson "null") nil }}',
  '{{ ne nil nil }}', '{{ lt 1 2 }}', '{{ lt "a" "b" }}', '{{ lt 1 1.5 }}', '{{ lt true false }}', '{{ lt (list) (list) }}', '{{ lt "a" 1 }}',
  '{{ le 1 1 }}', '{{ gt "b" "a" }}', '{{ ge 1.5 1.5 }}', '{{ lt 1 }}', '{{ lt 1 2 3 }}', '{{ eq .name "x" "db" }}', '{{ ne 1 2 3 }}',
  '{{ gt 1 nil }}', '{{ eq "a" "a" nil }}', '{{ eq (toDate "2006" "2020") (toDate "2006" "2020") }}', '{{ eq (semver "1.2.3") (semver "1.2.3") }}',
  "{{ eq 'a' 97 }}", '{{ lt -1 (len "") }}', '{{ index (list 1 2) 0 }}', '{{ index (list 1 2) 2 }}', '{{ index (list 1 2) -1 }}',
  '{{ index (list 1 2) "a" }}', '{{ index (dict "a" 1) "a" }}', '{{ index (dict "a" 1) "b" }}', '{{ index (dict "a" 1) 1 }}', '{{ index "abc" 1 }}',
  '{{ index 1 1 }}', '{{ index (list (list 1 2)) 0 1 }}', '{{ index . "name" 0 }}', '{{ index }}', '{{ index (list 1) }}',
  '{{ index (split "," "a") "_0" }}', '{{ index (split "," "a") "_1" }}', '{{ index (list nil) 0 }}', '{{ index (list nil) 0 1 }}',
  '{{ index (list 1 2) (int64 1) }}', '{{ index (list 1 2) 1.0 }}', '{{ index (dict "a" (dict "b" "c")) "a" "b" }}', '{{ slice (list 1 2 3) 1 }}',
  '{{ slice (list 1 2 3) 1 2 }}', '{{ slice "abc" 1 }}', '{{ slice (list 1 2 3) 2 1 }}', '{{ slice (list 1 2 3) }}',
  '{{ slice (until 5) 1 3 | printf "%T" }}', '{{ html "<a href=\'x\'>&\\"\\x00" }}', '{{ html 1 nil true }}',
  '{{ js "a\'b\\"<>&=\\n\\u2028\\x00é😀\\\\" }}', '{{ js 1 }}', '{{ urlquery "a b&c=d/é?+~" }}', '{{ urlquery .json }}', '{{ print 1 2 "a" "b" 3 }}',
  '{{ print "a" 1 2 "b" }}', '{{ print }}', '{{ println }}', '{{ println 1 "a" }}', '{{ print nil nil }}',
  '{{ print (list 1 "a" nil) (dict "a" (list)) }}', '{{ print 1.0 1e6 1e21 1e-5 }}', '{{ print true "x" false }}', '{{ html }}', '{{ js }}',
  '{{ urlquery }}', '{{ html (list 1 "<") }}',
];

// biome-ignore format: a table
const FORMATS = [
  '%v', '%+v', '%#v', '%T', '%s', '%q', '%#q', '%+q', '%x', '% x', '%#x', '%X', '%d', '%5d|', '%-5d|', '%05d', '%+d', '% d', '%b', '%o', '%#o', '%O',
  '%c', '%U', '%#U', '%e', '%f', '%.2f', '%8.3f|', '%-8.1f|', '%g', '%.3g', '%G', '%E', '%t', '%z', '%', '%!', '%%', '%5%', '%-', '%.',
  '%[1]v %[1]T', '%[2]v', '%[0]v', '%[x]v', '%*d', '%.*f', '%10s|', '%-10s|', '%.2s', '%.0s', '%010s', '%+.2e', '%#g', '%6.2v', '%w',
];

// biome-ignore format: a table
const FORMATTED_VALUES = [
  '42', '-7', '3.14159', '"hé\\n\\x00"', 'true', 'nil', '(list 1 "a" nil)', '(dict "b" 1 "a" "x")', '(until 3)', '(splitList "," "a,b")', '1e21',
  "'x'", '(int64 9)',
];

const EVERY_FORMAT = FORMATS.flatMap((format) => FORMATTED_VALUES.map((value) => `{{ printf "${format}" ${value} }}`));

// biome-ignore format: a table
const PRINTING = [
  '{{ list }}', '{{ list 1 "a b" nil true 1.5 }}', '{{ dict }}', '{{ dict "b" 1 "a" (dict "c" (list 1 2)) }}', '{{ fromJson .json }}',
  '{{ fromYaml .yaml }}', '{{ .yaml | fromYaml | toJson }}', '{{ fromJson "1" }}', '{{ fromJson "1.0" }}', '{{ fromJson "1e21" }}',
  '{{ fromJson "123456789" }}', '{{ fromJson "{" }}', '{{ fromJson "null" }}', '{{ until 3 }}', '{{ splitList "," "a,b" }}', '{{ split "," "a,b" }}',
  '{{ semver "1.2.3" }}', '{{ list (semver "1.2.3") }}', '{{ chunk 2 (list 1 2 3) }}',
  '{{ toDate "2006-01-02 15:04:05.000" "2024-02-29 12:00:00.123" }}', '{{ list (toDate "2006" "2020") }}', '{{ dict "t" (toDate "2006" "2020") }}',
  '{{ 1.0 }}', '{{ 100000000.0 }}', '{{ divf 1 3 }}', '{{ float64 "1e300" }}', '{{ float64 "inf" }}', '{{ float64 "nan" }}', '{{ div 7 2 }}',
  '{{ div 1 0 }}', '{{ mod -7 3 }}', '{{ divf 1 0 }}', '{{ toJson . }}', '{{ toYaml . }}', '{{ toJson .bytes }}', '{{ toYaml .bytes }}',
  '{{ toJson .unicode }}', '{{ toRawJson "<&>" }}', '{{ toJson "<&>\\u2028" }}', '{{ toPrettyJson (fromJson .json) }}',
  '{{ toYaml (fromJson .json) }}', '{{ list | toJson }}', '{{ dict | toYaml }}', '{{ toJson nil }}', '{{ toYaml nil }}', '{{ toJson 1.0 }}',
  '{{ toJson 1e21 }}', '{{ toYaml 1.5 }}', '{{ first (list) }}', '{{ rest (list) }}', '{{ rest (list) | toJson }}', '{{ coalesce nil "" }}',
  '{{ get (dict) "a" }}', '{{ printf "%p %p" 1 "a" }}', '{{ printf "%d" }}', '{{ printf "%d %d" 1 }}', '{{ printf "%d" 1 2 }}',
  '{{ printf "a" 1 "b" }}', '{{ printf }}', '{{ printf 1 }}', '{{ printf nil }}', '{{ printf "%*d|%-*d|" 5 1 5 1 }}',
  '{{ printf "%.*f" 2 3.14159 }}', '{{ printf "%.*f" -2 3.14159 }}', '{{ printf "%*d" "a" 1 }}', '{{ printf "%[2]d %[1]d" 1 2 }}',
  '{{ printf "%[3]*.[2]*[1]f" 12.0 2 6 }}', '{{ printf "%[5]d" 1 }}', '{{ printf "%[1]d %d" 1 2 }}', '{{ printf "%s" .bytes }}',
  '{{ printf "%x" .bytes }}', '{{ printf "%q" .bytes }}', '{{ printf "%5.1f%%" 99.55 }}', '{{ printf "%v %v" 1.0 1e6 }}',
  '{{ printf "%6d|%-6d|%06d" 12 -12 -12 }}', '{{ printf "%+d %+d" 1 -1 }}', '{{ printf "%x %X %#x" -255 255 255 }}', '{{ printf "%08b" 5 }}',
  '{{ printf "%x" 3.5 }}', '{{ printf "%100000000d" 1 }}', '{{ printf "%.99999999d" 1 }}', '{{ printf "%s %d" "a" "b" }}', '{{ printf "%d" 1.5 }}',
  '{{ printf "%s" 1 }}', '{{ printf "%t" 1 }}', '{{ printf "%!s" 1 }}', '{{ printf "%é" 1 }}', '{{ printf "世%d界" 1 }}', '{{ printf "%q" \'a\' }}',
  '{{ printf "%c%c" 65 128512 }}', '{{ printf "%U" 128512 }}', '{{ printf "%v" (semver "1.2.3") }}', '{{ printf "%s" (toDate "2006" "2020") }}',
  '{{ printf "%d" (list 1 2) }}', '{{ printf "%05s|%5q" "a" "b" }}', '{{ printf "%v" . }}',
];

export const LANGUAGE: readonly string[] = [
  ...new Set([
    ...TEXT_AND_TRIM,
    ...LITERALS,
    ...FIELDS_AND_VARIABLES,
    ...CONTROL,
    ...TEMPLATES,
    ...PIPES_AND_CALLS,
    ...PRINTING,
    ...EVERY_FORMAT,
  ]),
];
