# class: security-scan-failure
# tool: dodgy
# ecosystem: python
# step: Check for hardcoded secrets
# needs: pip:dodgy==0.2.1
# proof: Possible hardcoded password
mkdir harbor
printf 'HOST = "db.harbor.example"\nDB_PASSWORD = "anchor-and-chain-2024"\n' >harbor/config.py
#%% step
dodgy harbor
