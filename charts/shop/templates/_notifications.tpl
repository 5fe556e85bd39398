{{- /* How notifications reaches RabbitMQ and its channel. Their Secrets are mounted: a process reads files again. */ -}}
{{- define "shop.notificationsEnv" -}}
- {name: CLIENTS_URL, value: {{ include "shop.url" (dict "root" .root "name" "clients") }}}
{{- with .root.Values.notifications }}
- {name: NOTIFICATION_CHANNEL, value: {{ .channel }}, instead: notifications.channel}
- {name: NOTIFICATION_LANGUAGE, value: {{ .language }}}
{{- if .rabbitmqSecret }}
- {name: AMQP_URL_FILE, value: /etc/rabbitmq/address/connection_string, instead: notifications.rabbitmqSecret}
{{- if .rabbitmqCaSecret }}
- {name: AMQP_CA_FILE, value: /etc/rabbitmq/ca/ca.crt, instead: notifications.rabbitmqCaSecret}
{{- end }}
{{- end }}
{{- if eq .channel "smtp" }}
- {name: SMTP_FROM, value: {{ required "notifications.smtpFrom: say who sends the mails" .smtpFrom | quote }}}
- {name: SMTP_URL_FILE, value: /etc/channel/smtp-url, instead: notifications.channelSecret}
{{- else if eq .channel "webhook" }}
- {name: WEBHOOK_URL, value: {{ required "notifications.webhookUrl: say where the webhook is" .webhookUrl | quote }}, instead: notifications.webhookUrl}
- {name: WEBHOOK_SECRET_FILE, value: /etc/channel/webhook-secret, instead: notifications.channelSecret}
{{- end }}
{{- end }}
{{- end -}}

{{- define "shop.channelKey" -}}
{{- get (dict "smtp" "smtp-url" "webhook" "webhook-secret") .root.Values.notifications.channel -}}
{{- end -}}

{{- define "shop.notificationsVolumes" -}}
{{- with .root.Values.notifications }}
{{- if .rabbitmqSecret }}
- name: rabbitmq-address
  secret: {secretName: {{ .rabbitmqSecret }}, items: [{key: connection_string, path: connection_string}]}
{{- if .rabbitmqCaSecret }}
- name: rabbitmq-ca
  secret: {secretName: {{ .rabbitmqCaSecret }}, items: [{key: ca.crt, path: ca.crt}]}
{{- end }}
{{- end }}
{{- end }}
{{- with include "shop.channelKey" . }}
- name: channel
  secret: {secretName: {{ required (printf "notifications.channelSecret: name the Secret with %s" .) $.root.Values.notifications.channelSecret }}, items: [{key: {{ . }}, path: {{ . }}}]}
{{- end }}
{{- end -}}

{{- define "shop.notificationsVolumeMounts" -}}
{{- with .root.Values.notifications }}
{{- if .rabbitmqSecret }}
- {name: rabbitmq-address, mountPath: /etc/rabbitmq/address, readOnly: true}
{{- if .rabbitmqCaSecret }}
- {name: rabbitmq-ca, mountPath: /etc/rabbitmq/ca, readOnly: true}
{{- end }}
{{- end }}
{{- end }}
{{- if include "shop.channelKey" . }}
- {name: channel, mountPath: /etc/channel, readOnly: true}
{{- end }}
{{- end -}}
