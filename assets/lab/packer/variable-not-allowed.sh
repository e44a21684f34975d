# class: configuration-error
# tool: packer
# ecosystem: cloud
# step: Validate image template
# needs: apt:packer
# proof: Variables may not be used here.
cat >image.pkr.hcl <<'END'
source "null" "bastion" {
  communicator = "none"
}

build {
  name    = "bastion-${var.release}"
  sources = ["source.null.bastion"]
}
END
#%% step
packer validate image.pkr.hcl
