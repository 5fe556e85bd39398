{{- /*
How a pod reaches Kafka. Takes {kafka: the values, secret: the user's Secret}. A Secret has one of three shapes:
strimzi       KafkaUser: password | user.crt, user.key; the user is called as the Secret
kafka-access  KafkaAccess: bootstrapServers, username, password | ssl.keystore.crt, ssl.keystore.key; ssl.truststore.crt
plain         username, password | tls.crt, tls.key
Certificates, names and passwords are mounted, because a process reads files again: no pod starts anew when they change.
*/ -}}
{{- define "kafka.check" -}}
{{- $kafka := .kafka -}}
{{- if and (ne $kafka.authentication "none") (not .secret) -}}
{{- fail (printf "kafka.authentication is %s: name the Secret of the user of %s (%s)" $kafka.authentication .who .secretValue) -}}
{{- end -}}
{{- if and (eq $kafka.authentication "tls") (not $kafka.tls.enabled) -}}
{{- fail "kafka.authentication is tls: set kafka.tls.enabled" -}}
{{- end -}}
{{- if and (eq $kafka.authentication "plain") (not $kafka.tls.enabled) -}}
{{- fail "kafka.authentication is plain, which sends the password as it is: set kafka.tls.enabled" -}}
{{- end -}}
{{- if and (not $kafka.bootstrapServers) (not (and .secret (eq $kafka.secretShape "kafka-access"))) -}}
{{- fail "kafka.bootstrapServers: say where Kafka is, as host:port" -}}
{{- end -}}
{{- end -}}

{{- define "kafka.env" -}}
{{- include "kafka.check" . -}}
{{- $kafka := .kafka -}}
{{- $secret := .secret -}}
- name: KAFKA_BROKERS
{{- if $kafka.bootstrapServers }}
  value: {{ $kafka.bootstrapServers | quote }}
{{- else }}
  valueFrom: {secretKeyRef: {name: {{ $secret }}, key: bootstrapServers}}
{{- end }}
  instead: kafka.bootstrapServers
{{- if $kafka.tls.enabled }}
- {name: KAFKA_TLS, value: "true", instead: kafka.tls.enabled}
{{- if include "kafka.caSecret" . }}
- {name: KAFKA_TLS_CA_FILE, value: /etc/kafka/ca{{ if include "kafka.caKey" . }}/ca.crt{{ end }}, instead: kafka.tls.caSecret}
{{- end }}
{{- end }}
{{- if eq $kafka.authentication "tls" }}
- {name: KAFKA_TLS_CERT_FILE, value: /etc/kafka/user/user.crt, instead: {{ .secretValue }}}
- {name: KAFKA_TLS_KEY_FILE, value: /etc/kafka/user/user.key, instead: {{ .secretValue }}}
{{- else if ne $kafka.authentication "none" }}
- {name: KAFKA_SASL_MECHANISM, value: {{ $kafka.authentication }}, instead: kafka.authentication}
{{- if eq $kafka.secretShape "strimzi" }}
- {name: KAFKA_SASL_USERNAME, value: {{ $secret | quote }}, instead: {{ .secretValue }}}
{{- else }}
- {name: KAFKA_SASL_USERNAME_FILE, value: /etc/kafka/user/username, instead: {{ .secretValue }}}
{{- end }}
- {name: KAFKA_SASL_PASSWORD_FILE, value: /etc/kafka/user/password, instead: {{ .secretValue }}}
{{- end }}
{{- end -}}

{{- /* The ports that `bootstrapServers` names, as JSON. Those in a Secret can't be read here. */ -}}
{{- define "kafka.ports" -}}
{{- $ports := list -}}
{{- range splitList "," .kafka.bootstrapServers -}}
{{- $ports = append $ports (include "pod.portOf" (trim .)) -}}
{{- end -}}
{{- compact $ports | toJson -}}
{{- end -}}

{{- define "kafka.caSecret" -}}
{{- if .kafka.tls.caSecret -}}
{{- .kafka.tls.caSecret -}}
{{- else if and .secret (eq .kafka.secretShape "kafka-access") -}}
{{- .secret -}}
{{- end -}}
{{- end -}}

{{- /* Nothing where all certificates of the Secret are trusted. */}}
{{- define "kafka.caKey" -}}
{{- ternary .kafka.tls.caKey "ssl.truststore.crt" (ne .kafka.tls.caSecret "") -}}
{{- end -}}

{{- define "kafka.volumes" -}}
{{- $caSecret := include "kafka.caSecret" . -}}
{{- if and .kafka.tls.enabled $caSecret }}
- name: kafka-ca
  secret:
    secretName: {{ $caSecret }}
    {{- with include "kafka.caKey" . }}
    items: [{key: {{ . }}, path: ca.crt}]
    {{- end }}
{{- end }}
{{- if eq .kafka.authentication "tls" }}
{{- $keys := get (dict "strimzi" (list "user.crt" "user.key") "kafka-access" (list "ssl.keystore.crt" "ssl.keystore.key") "plain" (list "tls.crt" "tls.key")) .kafka.secretShape }}
- name: kafka-user
  secret:
    secretName: {{ .secret }}
    items: [{key: {{ first $keys }}, path: user.crt}, {key: {{ last $keys }}, path: user.key}]
{{- else if ne .kafka.authentication "none" }}
- name: kafka-user
  secret:
    secretName: {{ .secret }}
    items: [{{ if ne .kafka.secretShape "strimzi" }}{key: username, path: username}, {{ end }}{key: password, path: password}]
{{- end }}
{{- end -}}

{{- define "kafka.volumeMounts" -}}
{{- if and .kafka.tls.enabled (include "kafka.caSecret" .) }}
- {name: kafka-ca, mountPath: /etc/kafka/ca, readOnly: true}
{{- end }}
{{- if ne .kafka.authentication "none" }}
- {name: kafka-user, mountPath: /etc/kafka/user, readOnly: true}
{{- end }}
{{- end -}}
