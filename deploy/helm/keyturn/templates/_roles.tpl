{{/*
Roles of one account, as everything in the chart has them: a ClusterRole, or with scopedNamespace a Role in each of these
namespaces and no right anywhere else. Takes root, name (of the roles), account, about (a comment), and the names of the
templates with the rules: namespaced, and cluster for those that only a ClusterRole can give, if there are any.
*/}}
{{- define "keyturn.roles" -}}
{{- $scopes := include "keyturn.scopes" .root | fromYamlArray }}
{{- range $namespace := $scopes | default (list "") }}
{{- $kind := empty $namespace | ternary "ClusterRole" "Role" }}
---
{{ $.about }}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}
metadata:
  {{- include "keyturn.roleMetadata" (dict "root" $.root "name" $.name "namespace" $namespace) | nindent 2 }}
rules:
  {{- include $.namespaced $.root | trim | nindent 2 }}
  {{- if and $.cluster (not $namespace) }}
  {{- include $.cluster $.root | trim | nindent 2 }}
  {{- end }}
---
{{ include "keyturn.binding" (dict "root" $.root "name" $.name "namespace" $namespace "accounts" (list $.account)) }}
{{- end }}
{{- end }}

{{/* Gives accounts of the release's namespace the role that has the same name, in a namespace or, without one, everywhere. */}}
{{- define "keyturn.binding" -}}
{{- $kind := empty .namespace | ternary "ClusterRole" "Role" }}
apiVersion: rbac.authorization.k8s.io/v1
kind: {{ $kind }}Binding
metadata:
  {{- include "keyturn.roleMetadata" . | nindent 2 }}
roleRef:
  apiGroup: rbac.authorization.k8s.io
  kind: {{ $kind }}
  name: {{ .name }}
subjects:
  {{- range .accounts }}
  - kind: ServiceAccount
    name: {{ . }}
    namespace: {{ include "keyturn.namespace" $.root }}
  {{- end }}
{{- end }}

{{- define "keyturn.roleMetadata" -}}
name: {{ .name }}
{{- with .namespace }}
namespace: {{ . }}
{{- end }}
labels:
  {{- include "keyturn.labels" .root | nindent 2 }}
{{- end }}
