{{/* Parts of the pods' spec that are decided by more than one value. */}}

{{- define "keyturn.makesPriorityClass" -}}
{{- if and .Values.priorityClass.create (not .Values.priorityClassName) (not .Values.scopedNamespace) }}true{{ end }}
{{- end }}

{{- define "keyturn.priorityClassName" -}}
{{- .Values.priorityClassName | default (eq (include "keyturn.makesPriorityClass" .) "true" | ternary (include "keyturn.fullname" .) "") }}
{{- end }}

{{/* Without leader election two would work at once while one replaces the other. */}}
{{- define "keyturn.strategy" -}}
{{- $rolling := dict "type" "RollingUpdate" "rollingUpdate" (dict "maxSurge" 1 "maxUnavailable" 0) }}
{{- .Values.strategy | default (.Values.leaderElect | ternary $rolling (dict "type" "Recreate")) | toYaml }}
{{- end }}

{{/* Without the switch, which is the chart's own; and on OpenShift, which gives each namespace its users, without ours. */}}
{{- define "keyturn.securityContext" -}}
{{- $given := omit .context "enabled" }}
{{- if .root.Capabilities.APIVersions.Has "security.openshift.io/v1" }}
{{- $given = omit $given "runAsUser" "runAsGroup" "fsGroup" }}
{{- end }}
{{- toYaml $given }}
{{- end }}

{{/* Takes path, seconds (between two probes), and the values of the probe. */}}
{{- define "keyturn.probe" -}}
{{- $probe := dict "httpGet" (dict "path" .path "port" "health") "periodSeconds" .seconds "timeoutSeconds" 5 "failureThreshold" 3 }}
{{- mergeOverwrite $probe (deepCopy (.probe.spec | default dict)) | toYaml }}
{{- end }}

{{- define "keyturn.topologySpreadConstraints" -}}
{{- $constraints := list }}
{{- $ours := dict "labelSelector" (dict "matchLabels" (include "keyturn.selectorLabels" . | fromYaml)) }}
{{- range .Values.topologySpreadConstraints }}
{{- $constraints = append $constraints (merge (deepCopy .) $ours) }}
{{- end }}
{{- toYaml $constraints }}
{{- end }}

{{/* What is passed on as it is given, under the name that pods have for it. */}}
{{- define "keyturn.passedOn" -}}
{{- $given := dict }}
{{- range list "imagePullSecrets" "nodeSelector" "tolerations" "affinity" "hostNetwork" "hostAliases" "dnsPolicy" "dnsConfig" }}
{{- if index $.Values . }}
{{- $given = set $given . (index $.Values .) }}
{{- end }}
{{- end }}
{{- with merge $given (.Values.podSpecExtra | default dict) }}
{{- toYaml . }}
{{- end }}
{{- end }}
