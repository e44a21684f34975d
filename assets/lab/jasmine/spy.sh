# class: test-failure
# tool: jasmine
# ecosystem: node
# step: Specs
# needs: npm:jasmine@5.3.0
# proof: Expected spy mail.send to have been called with:
mkdir -p spec/support
printf '{ "spec_dir": "spec", "spec_files": ["**/*[sS]pec.js"] }\n' >spec/support/jasmine.json
cat >spec/alertSpec.js <<'END'
const raise = (mail, level) => mail.send("ops@example.org", level.toUpperCase());

describe("alert", () => {
  it("names its level", () => {
    const mail = jasmine.createSpyObj("mail", ["send"]);
    raise(mail, "warn");
    expect(mail.send).toHaveBeenCalledWith("ops@example.org", "WARNING");
  });
});
END
#%% step
jasmine --random=false
