{{- /*
What the PodSecurity level "restricted" asks of a pod and of its containers. 65532 is the image's user.
Containers can't write into their image, except where Tilt replaces files in it (`liveUpdate`). OpenShift admits only users
of a range that each namespace has for itself, and sets one where none is said. Takes the root.
*/ -}}
{{- define "restricted.pod" -}}
runAsNonRoot: true
{{- if not (.Capabilities.APIVersions.Has "security.openshift.io/v1") }}
runAsUser: 65532
runAsGroup: 65532
fsGroup: 65532
{{- end }}
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
- {name: DRAIN_DELAY_MS, value: {{ mul 1000 .drainSeconds | toString | quote }}, instead: shutdown.drainSeconds}
- {name: SHUTDOWN_TIMEOUT_MS, value: {{ mul 1000 .timeoutSeconds | toString | quote }}, instead: shutdown.timeoutSeconds}
{{- end -}}

{{- /*
`env` of a container: the chart's entries and the user's, each name once, as the API server wants it. The user's value wins,
but where more goes by an entry than the process: its `instead` names the value to set, or nothing where there is none.
Takes {chart: entries as YAML, user: values by name, where: the name of those}.
*/ -}}
{{- define "pod.env" -}}
{{- $user := .user | default dict -}}
{{- $entries := list -}}
{{- range $entry := fromYamlArray .chart -}}
{{- /* A process that is told X_FILE does not read X, or refuses both. */ -}}
{{- range $name := list $entry.name (trimSuffix "_FILE" $entry.name) -}}
{{- if and (hasKey $user $name) (hasKey $entry "instead") -}}
{{- $advice := ternary (printf "set %s instead" $entry.instead) "leave it out" (ne $entry.instead "") -}}
{{- fail (printf "%s.%s: %s, as more than this variable goes by it" $.where $name $advice) -}}
{{- end -}}
{{- end -}}
{{- if not (hasKey $user $entry.name) -}}
{{- $entries = append $entries (omit $entry "instead") -}}
{{- end -}}
{{- end -}}
{{- range $name, $value := $user -}}
{{- $entries = append $entries (dict "name" $name "value" $value) -}}
{{- end -}}
{{- toYaml $entries -}}
{{- end -}}

{{- /* The port at the end of `host:port`, or nothing. */ -}}
{{- define "pod.portOf" -}}
{{- regexFind ":[0-9]+$" . | trimPrefix ":" -}}
{{- end -}}
