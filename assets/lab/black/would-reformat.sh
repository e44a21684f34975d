# class: build-failure
# tool: black
# ecosystem: python
# step: Format
# needs: pip:black==24.8.0
# proof: would reformat
mkdir app
printf 'def area( w,h ):\n    return w*h\n' >app/area.py
printf 'X = 1\n' >app/one.py
#%% step
black --check app
