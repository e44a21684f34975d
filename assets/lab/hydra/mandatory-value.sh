# class: configuration-error
# tool: hydra
# ecosystem: python
# step: Launch training
# needs: pip:hydra-core==1.3.2
# proof: Missing mandatory value: data.bucket
mkdir conf
printf 'data:\n  bucket: ???\n  split: train\nepochs: 3\n' >conf/train.yaml
cat >train.py <<'END'
import hydra


@hydra.main(version_base=None, config_path="conf", config_name="train")
def main(settings):
    print(f"training for {settings.epochs} epochs on {settings.data.bucket}/{settings.data.split}")


main()
END
#%% step
python train.py epochs=5
