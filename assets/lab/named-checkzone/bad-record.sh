# class: configuration-error
# tool: named-checkzone
# ecosystem: os
# step: Check DNS zones
# needs: apt:bind9-utils
# proof: unknown RR type 'CNMAE'
cat >harbor.example.zone <<'END'
$TTL 3600
@   IN SOA ns1.harbor.example. hostmaster.harbor.example. 2024050101 7200 900 1209600 3600
    IN NS  ns1.harbor.example.
ns1 IN A   192.0.2.53
www IN CNMAE harbor.example.
END
#%% step
named-checkzone harbor.example harbor.example.zone
