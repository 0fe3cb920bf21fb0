{{/* Parts of the pods' spec that are decided by more than one value. */}}

{{- define "keyturn.makesPriorityClass" -}}
{{- if and .Values.priorityClass.create (not .Values.priorityClassName) (not .Values.scopedNamespace) }}true{{ end }}
{{- end }}

{{- define "keyturn.priorityClassName" -}}
{{- .Values.priorityClassName | default (eq (include "keyturn.makesPriorityClass" .) "true" | ternary (include "keyturn.fullname" .) "") }}
{{- end }}

{{/*
Where the present pods and the next ones do not elect by the same Lease, two would work at once while one replaces the other.
Pods that share the ports of their nodes may have no place beside each other: one goes before another comes.
*/}}
{{- define "keyturn.strategy" -}}
{{- $more := .Values.hostNetwork | ternary 0 1 }}
{{- $rolling := dict "type" "RollingUpdate" "rollingUpdate" (dict "maxSurge" $more "maxUnavailable" (sub 1 $more)) }}
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

{{/*
Without the switch, which is the chart's own; and on OpenShift, which gives each namespace its users, without ours, unless
global.compatibility.openshift.adaptSecurityContext says otherwise.
*/}}
{{- define "keyturn.securityContext" -}}
{{- $given := omit .context "enabled" }}
{{- $adapt := (((.root.Values.global).compatibility).openshift).adaptSecurityContext | default "auto" }}
{{- $isOpenShift := .root.Capabilities.APIVersions.Has "security.openshift.io/v1" }}
{{- if or (eq $adapt "force") (and (eq $adapt "auto") $isOpenShift) }}
{{- $given = omit $given "runAsUser" "runAsGroup" "fsGroup" }}
{{- end }}
{{- toYaml $given }}
{{- end }}

{{/* Takes path, seconds (between two probes), and the values of the probe. */}}
{{- define "keyturn.probe" -}}
{{- $probe := dict "httpGet" (dict "path" .path "port" "health") "periodSeconds" .seconds "timeoutSeconds" 5 "failureThreshold" 3 }}
{{- mergeOverwrite $probe (deepCopy (.probe.spec | default dict)) | toYaml }}
{{- end }}

{{/* Of this chart, else of the one around it; where none says anything, over zones and nodes as far as that goes. */}}
{{- define "keyturn.topologySpreadConstraints" -}}
{{- $given := .Values.topologySpreadConstraints | default (.Values.global).topologySpreadConstraints }}
{{- if and (not $given) (kindIs "invalid" .Values.topologySpreadConstraints) }}
{{- range list "topology.kubernetes.io/zone" "kubernetes.io/hostname" }}
{{- $spread := dict "maxSkew" 1 "topologyKey" . "whenUnsatisfiable" "ScheduleAnyway" "matchLabelKeys" (list "pod-template-hash") }}
{{- $given = append ($given | default list) $spread }}
{{- end }}
{{- end }}
{{- $ours := dict "labelSelector" (dict "matchLabels" (include "keyturn.selectorLabels" . | fromYaml)) }}
{{- $constraints := list }}
{{- range $given }}
{{- $constraints = append $constraints (merge (deepCopy .) $ours) }}
{{- end }}
{{- with $constraints }}
{{- toYaml . }}
{{- end }}
{{- end }}

{{/* global.repository is the whole name of the image, and wins; global.imageRegistry goes before that of this chart. */}}
{{- define "keyturn.image" -}}
{{- $registry := (.Values.global).imageRegistry | default "" | trimSuffix "/" }}
{{- $ours := empty $registry | ternary .Values.image.repository (printf "%s/%s" $registry .Values.image.repository) }}
{{- printf "%s:%s" ((.Values.global).repository | default $ours) (.Values.image.tag | default .Chart.AppVersion) }}
{{- end }}

{{/* What is passed on as it is given, under the name that pods have for it: of this chart, else of the one around it. */}}
{{- define "keyturn.passedOn" -}}
{{- $given := dict }}
{{- range $name := list "imagePullSecrets" "nodeSelector" "tolerations" "affinity" "hostAliases" }}
{{- with index $.Values $name | default (index ($.Values.global | default dict) $name) }}
{{- $given = set $given $name . }}
{{- end }}
{{- end }}
{{- range $name := list "hostNetwork" "dnsPolicy" "dnsConfig" }}
{{- with index $.Values $name }}
{{- $given = set $given $name . }}
{{- end }}
{{- end }}
{{- $resolves := dict "dnsPolicy" (.Values.hostNetwork | ternary "ClusterFirstWithHostNet" "ClusterFirst") }}
{{- merge $given (.Values.podSpecExtra | default dict) $resolves | toYaml }}
{{- end }}
