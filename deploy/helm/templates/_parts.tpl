{{- define "notifications.labels" -}}
app.kubernetes.io/name: notifications
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "notifications.pod" -}}
automountServiceAccountToken: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  runAsNonRoot: true
  runAsUser: 10001
  runAsGroup: 10001
  fsGroup: 10001
  seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "notifications.container" -}}
image: "{{ .Values.image.repository }}:{{ .Values.image.tag }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- define "notifications.environment" -}}
{{- range $name, $value := .Values.settings }}
{{- if $value }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}
{{- range .Values.secretKeys }}
- {name: {{ . }}_FILE, value: /run/secrets/notifications/{{ . }}}
{{- end }}
{{- range $name, $key := .Values.keyFiles }}
- {name: {{ $name }}, value: /run/secrets/notifications/{{ $key }}}
{{- end }}
{{- end }}

{{- define "notifications.mounts" -}}
- {name: secrets, mountPath: /run/secrets/notifications, readOnly: true}
- {name: tmp, mountPath: /tmp}
{{- end }}

{{- define "notifications.volumes" -}}
- name: secrets
  secret:
    secretName: {{ .Values.secret }}
    defaultMode: 0440
- name: tmp
  emptyDir: {}
{{- end }}
