{{/* Parts of the pods' spec that are decided by more than one value. */}}

{{- define "keyturn.makesPriorityClass" -}}
{{- if and .Values.priorityClass.create (not .Values.priorityClassName) (not .Values.scopedNamespace) }}true{{ end }}
{{- end }}

{{- define "keyturn.priorityClassName" -}}
{{- .Values.priorityClassName | default (eq (include "keyturn.makesPriorityClass" .) "true" | ternary (include "keyturn.fullname" .) "") }}
{{- end }}

{{/* Where the present pods and the next ones do not elect by the same Lease, two would work at once while one replaces the other. */}}
{{- define "keyturn.strategy" -}}
{{- $rolling := dict "type" "RollingUpdate" "rollingUpdate" (dict "maxSurge" 1 "maxUnavailable" 0) }}
{{- $isSafe := and .Values.leaderElect (not (include "keyturn.movesLease" .)) }}
{{- .Values.strategy | default ($isSafe | ternary $rolling (dict "type" "Recreate")) | toYaml }}
{{- end }}

{{/* Whether the Deployment that is there elects by another Lease than this one will, or not at all. */}}
{{- define "keyturn.movesLease" -}}
{{- with lookup "apps/v1" "Deployment" (include "keyturn.namespace" .) (include "keyturn.fullname" .) }}
{{- $flags := dict }}
{{- range .spec.template.spec.containers }}
{{- if eq .name "keyturn" }}
{{- range .args }}
{{- $parts := splitn "=" 2 . }}
{{- $flags = set $flags (trimPrefix "--" $parts._0) ($parts._1 | default "true") }}
{{- end }}
{{- end }}
{{- end }}
{{- $class := index $flags "controller-class" | default "default" }}
{{- $name := index $flags "leader-election-id" | default (eq $class "default" | ternary "keyturn" (printf "keyturn-%s" $class)) }}
{{- $namespace := index $flags "leader-election-namespace" | default (include "keyturn.namespace" $) }}
{{- $present := eq (index $flags "leader-elect" | default "false") "true" | ternary (printf "%s/%s" $namespace $name) "none" }}
{{- if ne $present (printf "%s/%s" (include "keyturn.leaseNamespace" $) (include "keyturn.leaseName" $)) }}true{{ end }}
{{- end }}
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
