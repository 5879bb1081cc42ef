# To be sourced with a folder: a KIM collection there, used by everything this shell starts; nothing in $HOME is touched.
#   . tools/kim_collection.sh FOLDER
#   kim_install SOURCE_FOLDER NAME model-drivers|portable-models
kim_folder=$1
export KIM_API_CONFIGURATION_FILE=$kim_folder/kim-api.conf
mkdir -p "$kim_folder/model-drivers" "$kim_folder/portable-models" "$kim_folder/simulator-models"
for kind in model-drivers portable-models simulator-models; do
  kim-api-collections-management set-user-"$kind"-dir "$kim_folder/$kind" >/dev/null
done

# Replaces NAME: its folder is deleted first, since `install --force` may delete a system item of the same name.
kim_install() {
  rm -rf "$kim_folder/$3/$2"
  if ! CMAKE_PREFIX_PATH=${prefix:-} kim-api-collections-management install user "$1" > "$kim_folder/$2.log" 2>&1 ||
     [ ! -d "$kim_folder/$3/$2" ]; then
    cat "$kim_folder/$2.log"
    echo "KIM could not install $2" >&2
    return 1
  fi
  echo "installed $2 into $kim_folder/$3"
}
