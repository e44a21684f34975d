# class: build-failure
# tool: xmllint
# ecosystem: docs
# step: Validate feeds
# needs: apt:libxml2-utils
# proof: element stop: Schemas validity error : Element 'stop', attribute 'zone'
printf '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">\n  <xs:element name="stops"><xs:complexType><xs:sequence>\n    <xs:element name="stop" maxOccurs="unbounded"><xs:complexType><xs:attribute name="zone" type="xs:integer"/></xs:complexType></xs:element>\n  </xs:sequence></xs:complexType></xs:element>\n</xs:schema>\n' >stops.xsd
printf '<stops>\n  <stop zone="4"/>\n  <stop zone="A"/>\n</stops>\n' >stops.xml
#%% step
xmllint --noout --schema stops.xsd stops.xml
