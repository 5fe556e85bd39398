{{- /* What the controller is told, as `pod.env` takes it. */ -}}
{{- define "lag-controller.env" -}}
- {name: TARGET, value: kubernetes, instead: ""}
- {name: NAMESPACE, valueFrom: {fieldRef: {fieldPath: metadata.namespace}}, instead: --namespace}
- {name: LEASE_NAME, value: {{ include "lag-controller.lease" . }}, instead: ""}
- {name: PORT, value: "3005", instead: ""}
- {name: LIST_TARGETS, value: {{ .Values.listTargets | toString | quote }}, instead: listTargets}
- {name: ROUND_MS, value: {{ .Values.roundMs | toString | quote }}}
- {name: LOG_LEVEL, value: {{ .Values.logLevel }}}
{{- /* Two records, the full one and the next, fit into the /tmp of the pod: the kubelet evicts one that holds more. */}}
- {name: RECORD_MAX_BYTES, value: "7000000"}
{{ include "pod.shutdownEnv" .Values.shutdown }}
{{ include "kafka.env" (include "lag-controller.kafka" . | fromYaml) }}
{{- end -}}

{{- /* As the templates of kafka take it. */ -}}
{{- define "lag-controller.kafka" -}}
kafka: {{ toJson .Values.kafka }}
secret: {{ .Values.kafka.secret | quote }}
who: the controller
secretValue: kafka.secret
{{- end -}}
