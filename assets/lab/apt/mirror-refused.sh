# class: network-error
# tool: apt-get
# ecosystem: os
# step: Update package lists
# needs: apt:apt
# proof: Connection refused
mkdir -p ../apt/lists/partial ../apt/parts
echo 'deb [trusted=yes] http://127.0.0.1:18097/debian bookworm main' >../apt/sources.list
cat >apt.conf <<'END'
Dir::Etc::sourcelist "../apt/sources.list";
Dir::Etc::sourceparts "../apt/parts";
APT::Update::Error-Mode "any";
Acquire::Retries "0";
END
sed -i "s#\"\.\./apt#\"$(cd .. && pwd)/apt#" apt.conf
echo "Dir::State::lists \"$(cd .. && pwd)/apt/lists\";" >>apt.conf
#%% step
APT_CONFIG=apt.conf apt-get update
