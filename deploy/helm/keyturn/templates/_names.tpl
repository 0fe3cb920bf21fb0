{{/* Names and labels: as Helm's own starter has them, so that other tools find what they look for. */}}

{{- define "keyturn.name" -}}
{{- .Values.nameOverride | default .Chart.Name | trunc 63 | trimSuffix "-" }}
{{- end }}

{{/* Never longer than leaves room for what is put behind it. */}}
{{- define "keyturn.fullname" -}}
{{- $name := include "keyturn.name" . }}
{{- $whole := contains $name .Release.Name | ternary .Release.Name (printf "%s-%s" .Release.Name $name) }}
{{- .Values.fullnameOverride | default $whole | trunc 43 | trimSuffix "-" }}
{{- end }}

{{- define "keyturn.namespace" -}}
{{- .Values.namespaceOverride | default .Release.Namespace }}
{{- end }}

{{- define "keyturn.serviceAccountName" -}}
{{- .Values.serviceAccount.name | default (.Values.serviceAccount.create | ternary (include "keyturn.fullname" .) "default") }}
{{- end }}

{{/* Who only plans. */}}
{{- define "keyturn.planName" -}}
{{- printf "%s-plan" (include "keyturn.fullname" .) }}
{{- end }}

{{/*
The Lease by which replicas elect who works. No other release of the namespace has the full name, so that none shares it.
*/}}
{{- define "keyturn.leaseName" -}}
{{- .Values.leaderElectionID | default (include "keyturn.fullname" .) }}
{{- end }}

{{- define "keyturn.leaseNamespace" -}}
{{- .Values.leaderElectionNamespace | default (include "keyturn.namespace" .) }}
{{- end }}

{{- define "keyturn.selectorLabels" -}}
app.kubernetes.io/name: {{ include "keyturn.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* Nobody's labels win over these: pods are found by two of them. */}}
{{- define "keyturn.ownLabels" -}}
{{ include "keyturn.selectorLabels" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version | replace "+" "_" }}
{{- end }}

{{- define "keyturn.labels" -}}
{{ include "keyturn.labelsAnd" (dict "root" . "more" dict) }}
{{- end }}

{{/* Takes root, and more labels, which win over commonLabels. */}}
{{- define "keyturn.labelsAnd" -}}
{{- $ours := include "keyturn.ownLabels" .root }}
{{- $ours }}
{{- range $name, $value := merge dict (.more | default dict) (.root.Values.commonLabels | default dict) }}
{{- if not (hasKey ($ours | fromYaml) $name) }}
{{ $name }}: {{ $value | quote }}
{{- end }}
{{- end }}
{{- end }}

{{/* The namespaces that the operator is kept to, as a list; empty for all of them. */}}
{{- define "keyturn.scopes" -}}
{{- without (splitList "," (.Values.scopedNamespace | default "")) "" | toYaml }}
{{- end }}

{{/* The ServiceAccounts whose tokens may be had, where they are named: namespace to names. */}}
{{- define "keyturn.namedTokens" -}}
{{- $named := dict }}
{{- if .Values.rbac.serviceAccountTokenCreate }}
{{- range .Values.rbac.tokenServiceAccounts }}
{{- $namespace := splitList "/" . | first }}
{{- $named = set $named $namespace (append (index $named $namespace | default list) (splitList "/" . | last)) }}
{{- end }}
{{- end }}
{{- toYaml $named }}
{{- end }}
