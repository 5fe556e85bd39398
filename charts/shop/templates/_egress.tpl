{{- /* Where a service may go: DNS, Kafka, MongoDB, the token issuer and the services that it calls. The simulated provider calls nobody. */ -}}
{{- define "shop.egress" -}}
{{- $policy := .root.Values.networkPolicy -}}
{{- $service := get (include "shop.services" .root | fromYaml) .name -}}
{{- if $service.mongodb -}}
- to: [{namespaceSelector: {matchLabels: {kubernetes.io/metadata.name: kube-system}}}]
  ports: [{protocol: UDP, port: 53}, {protocol: TCP, port: 53}]
{{- end }}
{{- if $service.kafka }}
{{ include "shop.egressTo" (dict "peers" $policy.kafkaPeers "ports" $policy.kafkaPorts) }}
{{- end }}
{{- if $service.mongodb }}
{{ include "shop.egressTo" (dict "peers" $policy.mongodbPeers "ports" $policy.mongodbPorts) }}
{{- end }}
{{- if include "shop.checksTokens" . }}
{{ include "shop.egressTo" (dict "peers" $policy.issuerPeers "ports" $policy.issuerPorts) }}
{{- end }}
{{- range $service.calls }}
{{- if and (eq . "provider") (not $.root.Values.provider.enabled) }}
{{ include "shop.egressTo" (dict "peers" (list) "ports" (list $.root.Values.provider.port)) }}
{{- else }}
{{ include "shop.egressToService" (dict "root" $.root "name" .) }}
{{- end }}
{{- end }}
{{- end -}}

{{- define "shop.egressTo" -}}
- ports:
    {{- range .ports }}
    - {protocol: TCP, port: {{ . }}}
    {{- end }}
  {{- with .peers }}
  to: {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "shop.egressToService" -}}
- ports: [{protocol: TCP, port: http}]
  to:
    - podSelector:
        matchLabels: {{- include "shop.selectorLabels" . | nindent 10 }}
{{- end -}}
