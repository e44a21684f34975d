# class: test-failure
# tool: promtool
# ecosystem: cloud
# step: Unit test alert rules
# needs: apt:prometheus
# proof: alertname: BerthQueueLong, time: 10m
cat >rules.yml <<'END'
groups:
  - name: queue
    rules:
      - alert: BerthQueueLong
        expr: berth_queue_length > 20
        for: 5m
        labels: {severity: page}
END
cat >rules_test.yml <<'END'
rule_files: [rules.yml]
evaluation_interval: 1m
tests:
  - interval: 1m
    input_series:
      - series: berth_queue_length{harbor="17"}
        values: "10+1x15"
    alert_rule_test:
      - eval_time: 10m
        alertname: BerthQueueLong
        exp_alerts:
          - exp_labels: {severity: page, harbor: "17"}
END
#%% step
promtool test rules rules_test.yml
