{{- /*
What the PodSecurity level "restricted" asks of a pod and of its containers. 65532 is the image's user.
Containers can't write into their image, except where Tilt replaces files in it (`liveUpdate`).
*/ -}}
{{- define "restricted.pod" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
seccompProfile: {type: RuntimeDefault}
{{- end -}}

{{- define "restricted.container" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: {{ not .liveUpdate }}
capabilities: {drop: [ALL]}
{{- end -}}

{{- define "pod.image" -}}
{{- $image := .image -}}
{{- if $image.digest -}}
{{- printf "%s@%s" $image.repository $image.digest -}}
{{- else -}}
{{- printf "%s:%s" $image.repository (default .appVersion $image.tag) -}}
{{- end -}}
{{- end -}}

{{- /* The pods of `labels` (YAML) keep apart as `constraints` say, among those of one version. */ -}}
{{- define "pod.spread" -}}
topologySpreadConstraints:
{{- range .constraints }}
- {{ toYaml . | nindent 2 | trim }}
  labelSelector:
    matchLabels: {{- $.labels | nindent 6 }}
  matchLabelKeys: [pod-template-hash]
{{- end }}
{{- end -}}

{{- /*
Liveness asks only whether a restart would help, readiness also for what is needed to serve. /readyz of a service
whose MongoDB hangs takes 2 s, so a shorter patience would read "slow" as "gone".
*/ -}}
{{- define "pod.probes" -}}
startupProbe:
  httpGet: {path: /livez, port: http}
  periodSeconds: 1
  timeoutSeconds: 3
  failureThreshold: 60
livenessProbe:
  httpGet: {path: /livez, port: http}
  periodSeconds: 10
  timeoutSeconds: 5
  failureThreshold: 3
readinessProbe:
  httpGet: {path: /readyz, port: http}
  periodSeconds: 5
  timeoutSeconds: 4
  failureThreshold: 2
{{- end -}}

{{- /* `shutdown` of the values as the settings of the process. */ -}}
{{- define "pod.shutdownEnv" -}}
{{- if lt (int .timeoutSeconds) (add 10 .drainSeconds | int) -}}
{{- fail (printf "shutdown.timeoutSeconds is %d, and shutdown.drainSeconds %d: what is in hand needs ten seconds after the drain at least" (int .timeoutSeconds) (int .drainSeconds)) -}}
{{- end -}}
- {name: DRAIN_DELAY_MS, value: {{ mul 1000 .drainSeconds | toString | quote }}}
- {name: SHUTDOWN_TIMEOUT_MS, value: {{ mul 1000 .timeoutSeconds | toString | quote }}}
{{- end -}}
