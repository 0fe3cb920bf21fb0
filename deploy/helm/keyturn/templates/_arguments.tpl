{{/* The command line of the operator, from the values: flag, and what it is set to; nothing is said of what is empty or null. */}}
{{- define "keyturn.arguments" -}}
{{- $flags := list
  (list "namespace" .Values.scopedNamespace)
  (list "controller-class" .Values.controllerClass)
  (list "concurrency" (int .Values.concurrent))
  (list "metrics-addr" (printf ":%d" (int .Values.metrics.listen.port)))
  (list "health-addr" (printf ":%d" (int .Values.health.listen.port)))
  (list "log-level" .Values.log.level)
  (list "audit-log" .Values.auditLog)
  (list "status-interval" .Values.statusInterval)
  (list "rotation-queue-url" .Values.rotationQueueUrl)
  (list "aws-quota-percent" (int .Values.awsQuotaPercent))
  (list "deletion-brake-percent" (int .Values.deletionBrakePercent))
  (list "leader-elect" .Values.leaderElect)
  (list "leader-election-namespace" .Values.leaderElectionNamespace)
  (list "leader-election-id" (.Values.leaderElect | ternary (include "keyturn.leaseName" .) ""))
  (list "shards" (int .Values.shards))
  (list "template-left-delimiter" .Values.template.leftDelimiter)
  (list "template-right-delimiter" .Values.template.rightDelimiter)
  (list "allow-controller-identity" .Values.allowControllerIdentity)
  (list "require-access-policy" .Values.requireAccessPolicy)
  (list "unsafe-allow-generic-targets" .Values.genericTargets.enabled)
  (list "rollouts" .Values.rollouts.enabled)
  (list "rollout-window" .Values.rollouts.window)
  (list "rollout-concurrency" (int .Values.rollouts.concurrency))
  (list "rollout-deadline" .Values.rollouts.deadline)
  (list "consumption" .Values.consumption.enabled)
}}
{{- range $flag, $value := .Values.extraArgs }}
{{- $flags = append $flags (list $flag $value) }}
{{- end -}}
- run
{{- range $flags }}
{{- $value := index . 1 }}
{{- if not (or (kindIs "invalid" $value) (eq (toString $value) "")) }}
- {{ printf "--%s=%v" (index . 0) $value | quote }}
{{- end }}
{{- end }}
{{- end }}
