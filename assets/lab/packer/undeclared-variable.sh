# class: configuration-error
# tool: packer
# ecosystem: cloud
# step: Validate image template
# needs: apt:packer
# proof: Unknown variable
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
